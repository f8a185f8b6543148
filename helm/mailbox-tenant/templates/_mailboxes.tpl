{{- /*
What the mailboxes of the values amount to. Nothing here changes .Values, and nothing judges; see _mistakes.tpl.
*/ -}}

{{- /*
All mailboxes as a JSON array, for fromJsonArray: the fields of values.yaml, defaults merged in, and the name.
A mailbox that is null is none; that is how one values file takes out what another one brought in.
*/ -}}
{{- define "mailbox-tenant.mailboxes" -}}
{{- $isMap := kindIs "map" .Values.mailboxes -}}
{{- $separator := "[" -}}
{{- range $key, $own := .Values.mailboxes -}}
  {{- if not (kindIs "invalid" $own) -}}
    {{- $mailbox := include "mailbox-tenant.merged" (list ($.Values.defaults | default dict) $own) | fromJson -}}
    {{- if $isMap }}{{ $_ := set $mailbox "name" $key }}{{ end -}}
    {{- if contains ":null" (toJson $mailbox) }}{{ include "mailbox-tenant.compact" $mailbox }}{{ end -}}
    {{- $separator }}{{ toJson $mailbox -}}
    {{- $separator = "," -}}
  {{- end -}}
{{- end -}}
{{- ternary "[]" "]" (eq $separator "[") -}}
{{- end }}

{{- /* Takes a list, defaults and mailbox; gives both in one as JSON, less the defaults that do not go with it. */ -}}
{{- define "mailbox-tenant.merged" -}}
{{- $given := deepCopy (first .) -}}
{{- $own := last . -}}
{{- $provider := $own.provider | default $given.provider -}}
{{- $isManaged := eq "Managed" ($own.infrastructure | default $given.infrastructure | default "") -}}
{{- range $of, $block := dict "Google" "google" "Outlook" "outlook" "SMTP" "smtp" -}}
  {{- if ne $of $provider }}{{ $_ := unset $given $block }}{{ end -}}
{{- end -}}
{{- /* Of the three sources of credentials there is one; the mailbox's own, if it has any. */ -}}
{{- $sources := list "credentialsSecretRef" "credentials" "externalSecret" -}}
{{- $ownSources := list -}}
{{- range $sources }}{{ if not (kindIs "invalid" (get $own . | default nil)) }}{{ $ownSources = append $ownSources . }}{{ end }}{{ end -}}
{{- range $sources -}}
  {{- if or (and $isManaged (ne $provider "SMTP")) (and $ownSources (not (has . $ownSources))) -}}
    {{- $_ := unset $given . -}}
  {{- end -}}
{{- end -}}
{{- if $isManaged -}}
  {{- include "mailbox-tenant.drop" (list $given "smtp" "caSecretRef") -}}
  {{- include "mailbox-tenant.drop" (list $given "outlook" "tenant") -}}
  {{- include "mailbox-tenant.drop" (list $given "outlook" "cloud" "USGovernment" "China") -}}
  {{- include "mailbox-tenant.drop" (list $given "outlook" "grant" "ClientCredentials") -}}
  {{- include "mailbox-tenant.drop" (list $given "google" "grant" "JWTBearer") -}}
{{- else -}}
  {{- $_ := unset $given "managedInfrastructureName" -}}
{{- end -}}
{{- /* A server is a host or a preset; here too the mailbox's own choice counts. */ -}}
{{- $server := $own.smtp | default dict -}}
{{- if $server.preset -}}
  {{- range list "host" "port" "security" }}{{ include "mailbox-tenant.drop" (list $given "smtp" .) }}{{ end -}}
{{- else if $server.host -}}
  {{- include "mailbox-tenant.drop" (list $given "smtp" "preset") -}}
{{- end -}}
{{- mergeOverwrite $given $own | toJson -}}
{{- end }}

{{- /*
Takes a list: mailbox, block, field, and optionally values. Removes the field from the block in place, whatever it
says or if it says one of the values, and the block with its last field.
*/ -}}
{{- define "mailbox-tenant.drop" -}}
{{- $mailbox := index . 0 -}}
{{- $block := get $mailbox (index . 1) | default dict -}}
{{- $field := index . 2 -}}
{{- $values := slice . 3 -}}
{{- if and (hasKey $block $field) (or (not $values) (has (get $block $field) $values)) -}}
  {{- $_ := unset $block $field -}}
  {{- if not $block }}{{ $_ := unset $mailbox (index . 1) }}{{ end -}}
{{- end -}}
{{- end }}

{{- /* Removes the fields that are null from a dict in place, at any depth. */ -}}
{{- define "mailbox-tenant.compact" -}}
{{- range $key, $value := . -}}
  {{- if kindIs "invalid" $value -}}
    {{- $_ := unset $ $key -}}
  {{- else if kindIs "map" $value -}}
    {{- include "mailbox-tenant.compact" $value -}}
  {{- end -}}
{{- end -}}
{{- end }}

{{- /*
The Secret that the chart sees to for a mailbox; empty if it is not the chart's. One that the chart makes has another
name for other credentials: that is a change of the Mailbox, so that nobody takes its old status for the new one. Three
digits are enough for it, and tell next to nothing to somebody who has a list of passwords to try.
*/ -}}
{{- define "mailbox-tenant.madeSecret" -}}
{{- if .credentials }}{{ .name }}-{{ toJson .credentials | sha256sum | trunc 3 }}{{ else if .externalSecret }}{{ .externalSecret.target | default .name }}{{ end -}}
{{- end }}

{{- /* The spec of a Mailbox as YAML: what somebody wrote, and nothing that the API has a default for. */ -}}
{{- define "mailbox-tenant.spec" -}}
{{- $spec := omit . "name" "labels" "annotations" "credentials" "externalSecret" -}}
{{- with include "mailbox-tenant.madeSecret" . }}{{ $_ := set $spec "credentialsSecretRef" (dict "name" .) }}{{ end -}}
{{- toYaml $spec -}}
{{- end }}
