"""The Mailboxes of each namespace."""

from dataclasses import dataclass, field

from mailbox_operator.decide.declared.resource import Key


@dataclass(slots=True)
class Neighbours:
    """Keys by namespace. Most namespaces have one Mailbox, which is kept without a set around it."""

    _keys: dict[str, Key | set[Key]] = field(default_factory=dict)

    def of(self, namespace: str) -> tuple[Key, ...]:
        """Return the Mailboxes of a namespace."""
        found = self._keys.get(namespace, ())
        return (found,) if isinstance(found, Key) else tuple(found)

    def put(self, key: Key, *, is_there: bool) -> None:
        """Have a Mailbox there, or not."""
        found = self._keys.get(key.namespace)
        if found is None or found == key:
            if is_there:
                self._keys[key.namespace] = key
            else:
                self._keys.pop(key.namespace, None)
            return
        several = found if isinstance(found, set) else {found}
        if is_there:
            several.add(key)
        else:
            several.discard(key)
        if several:
            self._keys[key.namespace] = several
        else:
            del self._keys[key.namespace]
