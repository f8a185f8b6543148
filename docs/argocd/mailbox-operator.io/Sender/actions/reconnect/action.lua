local os = require("os")
if obj.metadata.annotations == nil then
  obj.metadata.annotations = {}
end
obj.metadata.annotations["mailbox-operator.io/reconnect-requested-at"] = os.date("!%Y-%m-%dT%H:%M:%SZ")
return obj
