local suspended = obj.spec.suspend == true
local leaving = obj.metadata.deletionTimestamp ~= nil

local actions = {}
actions["reconnect"] = {
  ["disabled"] = suspended or leaving,
  ["iconClass"] = "fa fa-fw fa-plug",
  ["displayName"] = "Check now"
}
actions["suspend"] = {
  ["disabled"] = suspended or leaving,
  ["iconClass"] = "fa fa-fw fa-pause",
  ["displayName"] = "Suspend"
}
actions["resume"] = {
  ["disabled"] = not suspended or leaving,
  ["iconClass"] = "fa fa-fw fa-play",
  ["displayName"] = "Resume"
}
return actions
