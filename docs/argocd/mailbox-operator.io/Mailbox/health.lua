-- Mailbox is compatible with kstatus: status.observedGeneration, and Reconciling and Stalled only while True.
-- Message: what Ready says, with the consent link while it waits to be used.
local function condition(wanted)
  if obj.status ~= nil and obj.status.conditions ~= nil then
    for _, found in ipairs(obj.status.conditions) do
      if found.type == wanted then
        return found
      end
    end
  end
  return {}
end

local ready = condition("Ready")
local said = ready.message or ""

local function health(status, remark)
  local message = said
  if remark ~= nil and said ~= "" then
    message = remark .. " Last known: " .. said
  elseif remark ~= nil then
    message = remark
  end
  return {status = status, message = message}
end

if obj.metadata.deletionTimestamp ~= nil then
  return health("Progressing", "The Mailbox is being deleted.")
end
-- A suspension holds once the operator has taken note of it; until then an attempt may be under way.
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "The operator has not looked at this generation yet.")
end
if obj.spec.suspend == true then
  return health("Suspended", "Suspended: no checks, no attempts.")
end
if ready.status ~= "True" and obj.status.consentURL ~= nil then
  said = said .. " status.consentURL: " .. obj.status.consentURL
end
-- A mailbox that is lost and reconnecting automatically is Progressing, whatever Error says.
if condition("Reconciling").status == "True" then
  return health("Progressing")
end
if condition("Stalled").status == "True" then
  return health("Degraded")
end
if ready.status == "True" then
  return health("Healthy")
end
if said == "" then
  return health("Progressing", "The operator has not said anything about it yet.")
end
return health("Progressing")
