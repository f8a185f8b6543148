{{- /* Mistakes in the senders of the values, a line for each. Takes root, and the Secrets of mailboxes by name. */ -}}
{{- define "mailbox-tenant.mistakes.senders" -}}
{{- $root := first . }}
{{- $secrets := deepCopy (last .) }}
{{- $shape := "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$" }}
{{- range $name, $sender := $root.Values.senders }}
{{- if not (kindIs "invalid" $sender) }}
  {{- $who := printf "sender %s" (ternary $name (toJson $name) (regexMatch "^[a-z0-9.-]+$" $name)) }}
  {{- if not (regexMatch $shape $name) }}
    {{ $who }}: a name consists of lower case letters, digits, - and ., and begins and ends with a letter or a digit. Choose another one.
  {{- end }}
  {{- if gt (len $name) 58 }}
    {{ $who }}: The name of a Sender must have at most 58 characters, so that the name of its Secret fits into a label. Choose a shorter one.
  {{- end }}
  {{- if eq (empty $sender.mailboxes) (kindIs "invalid" $sender.selector) }}
    {{ $who }}: State names or a selector, and not both. Names are written under mailboxes.
  {{- end }}
  {{- if and (eq ($sender.choose | default "") "ByRecipient") (ne ($sender.from | default "") "Rewrite") }}
    {{ $who }}: choose ByRecipient needs from: Rewrite, because the application does not know which Mailbox will send. Set from.
  {{- end }}
  {{- range $sender.mailboxes }}
    {{- if not (regexMatch $shape .) }}
      {{ $who }}: {{ toJson . }} names no Mailbox. Write metadata.name of a Mailbox in this namespace, such as noreply. Its address is not its name, and a namespace is not named.
    {{- end }}
  {{- end }}
  {{- $secret := $sender.secretName | default (printf "%s-smtp" $name) }}
  {{- if and $sender.secretName (not (regexMatch $shape $secret)) }}
    {{ $who }}: secretName consists of lower case letters, digits, - and ., and begins and ends with a letter or a digit. Choose another one.
  {{- end }}
  {{- with get $secrets $secret }}
    {{ $who }}: the Secret {{ $secret }} is that of {{ . }} already. Choose another secretName.
  {{- end }}
  {{- $_ := set $secrets $secret $who }}
{{- end }}
{{- end }}
{{- end }}
