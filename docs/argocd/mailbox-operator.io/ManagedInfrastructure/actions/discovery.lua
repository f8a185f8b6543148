local actions = {}
actions["reconnect"] = {
  ["disabled"] = obj.metadata.deletionTimestamp ~= nil,
  ["iconClass"] = "fa fa-fw fa-plug",
  ["displayName"] = "Check now"
}
return actions
