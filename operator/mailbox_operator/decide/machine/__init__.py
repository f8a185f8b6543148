"""The state machine of one mailbox, and what its decisions are made of.

`machine` decides and concludes; `seen` is what goes in; `verdict` and `lasting` word what comes out;
`backoff` is the pause; `claim`, `ownership` and `consent` are about addresses and grants.

Theory of operation
-------------------

*Three questions.* `decide` answers whether to make an attempt: when its turn has come, or when
something changed since the last verdict. `conclude` answers what the outcome of an attempt means: the
status to show, what to remember, and the pause until the next one. `resume` answers when the next turn
comes after a restart, from the status alone.

*The status is the state.* Nothing else survives a restart, and another replica reads the same. `Known`
(how many failures in a row, since when) only sharpens a verdict; losing it costs a few attempts.

*A verdict is about inputs.* It holds for one generation of the spec and one content of the Secrets and
the ManagedInfrastructure (`Seen.is_judged`). On other inputs it proves nothing, so the first attempt on
them begins *afresh*: failures are counted from zero, and whatever comes out is shown at once. Until it
ends, a changed spec is shown as Progressing; a changed Secret keeps the old verdict, since nobody
should read `Unknown` because a token was rotated.

*Outcomes differ in what repetition can do*, which is the `Retry` of their reason. What is `PASSING` (a
timeout, a busy server) goes away without anybody, so it is tried again soon, then later. What needs a
person or a missing object does not: it is tried again on a change, and rarely otherwise.

*One blip proves nothing new* (`_outlasts`). On unchanged inputs a passing failure does not replace

- Connected, until it comes `DAMPING` times in a row: a server that restarts is no news;
- Stalled or Waiting, ever: while the provider is busy, a wrong password is still wrong, and the owner
  would read "no action needed" otherwise.

Retrying is replaced by every outcome, so its message shows the latest failure.

*Some failures only look like a person's mistake* (`Fault.certain` is False): a host name that does not
resolve is a typing error or a broken name server. Such a fault is treated as passing until it came
`SUSPICIONS` times in a row with the same reason; only then does a person have to act, and only then do
the long pauses of that begin (`_tries`).

*No news, no write.* A status that would differ in nothing but the stamp of its inputs is not written
(`_unless_only_newer`), and an announcement repeats a verdict that still stands.
"""
