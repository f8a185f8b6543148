{{- /*
What values.schema.json cannot see, because it takes two fields, the defaults or arithmetic to see it. The schema
repeats the structural schema of the CRD; here are the CRD's rules in CEL, word for word, and what the chart adds.
Every template here writes a line for each mistake, so that one run of Helm tells all of them.
*/ -}}

{{- /* Takes a list, root and mailboxes; fails once, with all mistakes. */ -}}
{{- define "mailbox-tenant.validate" -}}
{{- $lines := regexReplaceAll "\\s*\n\\s*" (include "mailbox-tenant.mistakes" .) "\n" | trim -}}
{{- with $lines }}{{ fail (printf "these values cannot work:\n\n%s\n" .) }}{{ end -}}
{{- end }}

{{- define "mailbox-tenant.mistakes" -}}
{{- $root := first . -}}
{{- $mailboxes := last . -}}
{{- $bounds := $root.Values.bounds | default dict -}}
{{- if include "mailbox-tenant.isLimited" $root }}
  {{- if gt (len $mailboxes) (int $root.Values.quota.mailboxes) }}
    mailboxes: there are {{ len $mailboxes }}, and quota.mailboxes allows {{ $root.Values.quota.mailboxes | int }}. Remove some, or raise the quota.
  {{- end }}
{{- end }}
{{- $shortest := 0 }}
{{- with $bounds.minCheckInterval }}
  {{- $shortest = include "mailbox-tenant.milliseconds" . | int64 }}
  {{- if or (lt $shortest 30000) (gt $shortest 86400000) }}
    bounds.minCheckInterval must be between 30s and 24h, like every checkInterval.
  {{- end }}
{{- end }}
{{- if and $bounds.namespaceSelector (not (include "mailbox-tenant.isBounded" $root)) }}
  bounds.namespaceSelector selects namespaces for bounds, and there are none. Set bounds.providers, bounds.infrastructures, bounds.minCheckInterval or bounds.maxPerDay, or remove it.
{{- end }}
{{- range $root.Values.people }}
  {{- if and .namespace (ne .kind "ServiceAccount") }}
    people {{ toJson .name }}: namespace goes with kind ServiceAccount only. Remove namespace.
  {{- end }}
{{- end }}
{{- $isServed := $root.Capabilities.APIVersions.Has "external-secrets.io/v1/ExternalSecret" }}
{{- $names := dict }}
{{- $secrets := dict }}
{{- $addresses := dict }}
{{- range $mailboxes }}
  {{- $who := printf "mailbox %s" (ternary .name (toJson .name) (regexMatch "^[a-z0-9.-]+$" .name)) }}
  {{- include "mailbox-tenant.mistakes.name" (list $who .) }}
  {{- include "mailbox-tenant.mistakes.spec" (list $who .) }}
  {{- include "mailbox-tenant.mistakes.server" (list $who (.smtp | default dict)) }}
  {{- include "mailbox-tenant.mistakes.sending" (list $who (.sending | default dict)) }}
  {{- include "mailbox-tenant.mistakes.source" (list $who . $isServed) }}
  {{- include "mailbox-tenant.mistakes.bounds" (list $who . $bounds $shortest) }}
  {{- if hasKey $names .name }}
    {{ $who }}: there is another mailbox of this name. Choose another one.
  {{- end }}
  {{- $_ := set $names .name true }}
  {{- with include "mailbox-tenant.madeSecret" . }}
    {{- if hasKey $secrets . }}
      {{ $who }}: the Secret {{ . }} is that of {{ get $secrets . }} already. Name it in credentialsSecretRef to share it, or choose another externalSecret.target.
    {{- end }}
    {{- $_ := set $secrets . $who }}
  {{- end }}
  {{- if and .address (eq (.infrastructure | default "") "Managed") }}
    {{- $address := lower .address }}
    {{- if hasKey $addresses $address }}
      {{ $who }}: the address is that of {{ get $addresses $address }} already. Under infrastructure Managed an address has one Mailbox: remove one of the two.
    {{- end }}
    {{- $_ := set $addresses $address $who }}
  {{- end }}
{{- end }}
{{- include "mailbox-tenant.mistakes.senders" (list $root $secrets) }}
{{- end }}

{{- define "mailbox-tenant.mistakes.name" -}}
{{- $who := first . }}
{{- $name := (last .).name }}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$" $name) }}
  {{ $who }}: a name consists of lower case letters, digits, - and ., and begins and ends with a letter or a digit. Choose another one.
{{- end }}
{{- if gt (len $name) 63 }}
  {{ $who }}: The name of a Mailbox must have at most 63 characters, so that it fits into a label. Choose a shorter one.
{{- end }}
{{- end }}

{{- define "mailbox-tenant.mistakes.spec" -}}
{{- $who := first . }}
{{- $mailbox := last . }}
{{- with $mailbox }}
{{- $provider := .provider | default "" }}
{{- $isManaged := eq (.infrastructure | default "") "Managed" }}
{{- $google := .google | default dict }}
{{- $outlook := .outlook | default dict }}
{{- $isAppOnly := eq ($outlook.grant | default "") "ClientCredentials" }}
{{- range list "address" "provider" "infrastructure" }}
  {{- if not (hasKey $mailbox .) }}
    {{ $who }}: {{ . }} is required. Set it, or set it in defaults.
  {{- end }}
{{- end }}
{{- if and .address (not (include "mailbox-tenant.isAddress" .address)) }}
  {{ $who }}: The address must be a plain ASCII address such as jane@acme.example, without display name, angle brackets or spaces; write a domain of other letters in its xn-- form.
{{- end }}
{{- if and (hasKey . "google") (ne $provider "Google") }}
  {{ $who }}: google goes with provider Google only. Remove google.
{{- end }}
{{- if and (hasKey . "outlook") (ne $provider "Outlook") }}
  {{ $who }}: outlook goes with provider Outlook only. Remove outlook.
{{- end }}
{{- if and (hasKey . "smtp") (ne $provider "SMTP") }}
  {{ $who }}: smtp goes with provider SMTP only. Remove smtp.
{{- end }}
{{- if and $isManaged (eq ($google.grant | default "") "JWTBearer") }}
  {{ $who }}: The grant JWTBearer needs a service account of your own. Use infrastructure Private, or the grant AuthorizationCode.
{{- end }}
{{- if and $isManaged $isAppOnly }}
  {{ $who }}: The grant ClientCredentials needs an app registration of your own. Use infrastructure Private, or the grant AuthorizationCode.
{{- end }}
{{- if and $isManaged (or (hasKey $outlook "tenant") (ne ($outlook.cloud | default "Global") "Global")) }}
  {{ $who }}: Under infrastructure Managed the platform names the tenant and the cloud. Remove outlook.tenant and outlook.cloud.
{{- end }}
{{- if and $isAppOnly (has ($outlook.tenant | default "") (list "common" "organizations" "consumers")) }}
  {{ $who }}: The grant ClientCredentials needs one tenant. Set tenant to its id or domain, or leave it out and put tenant-id into the Secret.
{{- end }}
{{- if and $isAppOnly (hasKey $outlook "loginName") }}
  {{ $who }}: With the grant ClientCredentials the app logs in as the mailbox. Remove loginName.
{{- end }}
{{- with $outlook.loginName }}
  {{- if not (include "mailbox-tenant.isAddress" .) }}
    {{ $who }}: The user name must have the form of an address, such as u123456@contoso.example.
  {{- end }}
{{- end }}
{{- with $outlook.tenant }}
  {{- if not (include "mailbox-tenant.isTenant" .) }}
    {{ $who }}: The tenant must be a GUID, a domain such as contoso.example, common, organizations or consumers.
  {{- end }}
{{- end }}
{{- if and $isManaged (hasKey (.smtp | default dict) "caSecretRef") }}
  {{ $who }}: smtp.caSecretRef goes with infrastructure Private only. Remove it, or use Private for a server with its own authority.
{{- end }}
{{- if and (eq (.infrastructure | default "") "Private") (hasKey . "managedInfrastructureName") }}
  {{ $who }}: managedInfrastructureName goes with infrastructure Managed only. Remove it.
{{- end }}
{{- with .checkInterval }}
  {{- if not (include "mailbox-tenant.isInterval" .) }}
    {{ $who }}: checkInterval must be between 30s and 24h, written like 90s, 10m or 1h30m.
  {{- end }}
{{- end }}
{{- if and (eq $provider "SMTP") (eq (.infrastructure | default "") "Private") (not (.smtp | default dict).host) (not (.smtp | default dict).preset) }}
  {{ $who }}: SMTP under infrastructure Private needs a server. Set smtp.host, or smtp.preset.
{{- end }}
{{- end }}
{{- end }}

{{- define "mailbox-tenant.mistakes.sending" -}}
{{- $who := first . }}
{{- with last . }}
{{- if and .every (not (include "mailbox-tenant.isGap" .every)) }}
  {{ $who }}: every must be between 1s and 24h, written like 30s, 5m or 1h30m.
{{- end }}
{{- $perDay := .perDay | default 0 | int64 }}
{{- with .rampUp }}
  {{- if not $perDay }}
    {{ $who }}: rampUp needs perDay, at which it ends. Set perDay.
  {{- else if gt (int64 .from) $perDay }}
    {{ $who }}: rampUp.from must be at most perDay. Lower from, or raise perDay.
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mailbox-tenant.mistakes.server" -}}
{{- $who := first . }}
{{- with last . }}
{{- $port := .port | default 0 | int }}
{{- if and (hasKey . "host") (hasKey . "preset") }}
  {{ $who }}: Give smtp.host or smtp.preset, not both: a preset brings its own host.
{{- end }}
{{- if and (not (hasKey . "host")) (or (hasKey . "port") (hasKey . "security")) }}
  {{ $who }}: port and security go with smtp.host; a preset brings its own. Set host, or remove port and security.
{{- end }}
{{- if and (has $port (list 465 2465)) (ne (.security | default "TLS") "TLS") }}
  {{ $who }}: Ports 465 and 2465 speak TLS from the first byte. Set security to TLS, or use port 587 for STARTTLS.
{{- end }}
{{- if and (has $port (list 587 2525 2587)) (ne (.security | default "STARTTLS") "STARTTLS") }}
  {{ $who }}: Ports 587, 2525 and 2587 start in plain text. Set security to STARTTLS, or use port 465 for TLS.
{{- end }}
{{- if eq $port 25 }}
  {{ $who }}: Port 25 is for relaying between servers. Use 587 with STARTTLS or 465 with TLS.
{{- end }}
{{- with .host }}
  {{- if not (or (regexMatch "^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$" .) (include "mailbox-tenant.isIPv6" .)) }}
    {{ $who }}: The host must be a host name or an IP address, without scheme, port, brackets, spaces or a dot at its end; write other letters in their xn-- form.
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Takes a list: who, the mailbox, and whether the cluster knows ExternalSecrets. */ -}}
{{- define "mailbox-tenant.mistakes.source" -}}
{{- $who := index . 0 }}
{{- $isServed := index . 2 }}
{{- with index . 1 }}
{{- $sources := list }}
{{- if hasKey . "credentialsSecretRef" }}{{ $sources = append $sources "credentialsSecretRef" }}{{ end }}
{{- if hasKey . "credentials" }}{{ $sources = append $sources "credentials" }}{{ end }}
{{- if hasKey . "externalSecret" }}{{ $sources = append $sources "externalSecret" }}{{ end }}
{{- $isConsentAlone := and (eq (.infrastructure | default "") "Managed") (has (.provider | default "") (list "Google" "Outlook")) }}
{{- if gt (len $sources) 1 }}
  {{ $who }}: Credentials have one source, and here are {{ join " and " $sources }}. Remove all but one.
{{- else if and $isConsentAlone $sources }}
  {{ $who }}: {{ "Google and Outlook under infrastructure Managed use the platform's app and your consent. Remove credentialsSecretRef." | replace "credentialsSecretRef" (first $sources) }}
{{- else if and (not $isConsentAlone) (not $sources) }}
  {{ $who }}: This mailbox needs credentials. Create a Secret in this namespace and name it in credentialsSecretRef.
{{- else if hasKey . "credentials" }}
  {{- include "mailbox-tenant.mistakes.credentials" (list $who .) }}
{{- else if hasKey . "externalSecret" }}
  {{- include "mailbox-tenant.mistakes.externalSecret" (list $who .externalSecret $isServed) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "mailbox-tenant.mistakes.credentials" -}}
{{- $who := first . }}
{{- with last . }}
{{- $outlook := .outlook | default dict }}
{{- $needed := list "client-id" "client-secret" }}
{{- $optional := list "refresh-token" }}
{{- if eq (.provider | default "") "SMTP" }}
  {{- $needed = list "password" }}
  {{- $optional = list "username" }}
{{- else if eq ((.google | default dict).grant | default "") "JWTBearer" }}
  {{- $needed = list "service-account.json" }}
  {{- $optional = list }}
{{- else if eq ($outlook.grant | default "") "ClientCredentials" }}
  {{- $optional = list "tenant-id" }}
  {{- if not $outlook.tenant }}{{ $needed = append $needed "tenant-id" }}{{ end }}
{{- else if eq (.provider | default "") "Outlook" }}
  {{- $optional = list "refresh-token" "tenant-id" }}
{{- end }}
{{- $given := .credentials }}
{{- $lacking := list }}
{{- range $needed }}{{ if not (hasKey $given .) }}{{ $lacking = append $lacking . }}{{ end }}{{ end }}
{{- with $lacking }}
  {{ $who }}: credentials lack {{ join " and " . }}. Set {{ len . | eq 1 | ternary "it" "them" }}.
{{- end }}
{{- range $key, $_ := $given }}
  {{- if not (or (has $key $needed) (has $key $optional)) }}
    {{ $who }}: credentials.{{ $key }} is of no use here; the keys are {{ concat $needed $optional | uniq | join ", " }}. Remove it.
  {{- end }}
{{- end }}
{{- with get $given "tenant-id" }}
  {{- if not (include "mailbox-tenant.isTenant" .) }}
    {{ $who }}: credentials.tenant-id: The tenant must be a GUID, a domain such as contoso.example, common, organizations or consumers.
  {{- else if and (has "tenant-id" $needed) (has . (list "common" "organizations" "consumers")) }}
    {{ $who }}: credentials.tenant-id: The grant ClientCredentials needs one tenant. Set tenant-id to its id or domain.
  {{- end }}
{{- end }}
{{- with get $given "service-account.json" }}
  {{- $key := fromJson . }}
  {{- if not (and $key.client_email $key.private_key) }}
    {{ $who }}: credentials.service-account.json must be the key file of a service account (JSON with client_email and private_key). Use the file as Google hands it out.
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Takes a list: who, the externalSecret, and whether the cluster knows ExternalSecrets. */ -}}
{{- define "mailbox-tenant.mistakes.externalSecret" -}}
{{- $who := index . 0 }}
{{- $isServed := index . 2 }}
{{- $external := index . 1 }}
{{- if not ($external.secretStoreRef | default dict).name }}
  {{ $who }}: externalSecret.secretStoreRef.name is required. Set it, or set it in defaults.
{{- end }}
{{- if not $external.key }}
  {{ $who }}: externalSecret.key is required. Set it to the name of the secret in the store.
{{- end }}
{{- if not $isServed }}
  {{ $who }}: externalSecret needs the API external-secrets.io/v1, which this cluster does not serve. Install External Secrets Operator 0.16 or newer, or use credentialsSecretRef. (helm template knows no cluster: add --api-versions external-secrets.io/v1/ExternalSecret.)
{{- end }}
{{- end }}

{{- /* Takes a list: who, the mailbox, the bounds, and the shortest interval in milliseconds. */ -}}
{{- define "mailbox-tenant.mistakes.bounds" -}}
{{- $who := index . 0 }}
{{- $bounds := index . 2 }}
{{- $shortest := index . 3 }}
{{- with index . 1 }}
{{- if and .provider $bounds.providers (not (has .provider $bounds.providers)) }}
  {{ $who }}: provider {{ .provider }} is not allowed here. bounds.providers allows {{ join ", " $bounds.providers }}.
{{- end }}
{{- if and .infrastructure $bounds.infrastructures (not (has .infrastructure $bounds.infrastructures)) }}
  {{ $who }}: infrastructure {{ .infrastructure }} is not allowed here. bounds.infrastructures allows {{ join ", " $bounds.infrastructures }}.
{{- end }}
{{- $interval := .checkInterval | default "10m" }}
{{- if and $shortest (include "mailbox-tenant.isInterval" $interval) }}
  {{- if lt (include "mailbox-tenant.milliseconds" $interval | int64) $shortest }}
    {{ $who }}: checkInterval {{ if not .checkInterval }}is 10m by default, which{{ else }}{{ .checkInterval }}{{ end }} is below bounds.minCheckInterval. Set it to {{ $bounds.minCheckInterval }} or more.
  {{- end }}
{{- end }}
{{- $perDay := (.sending | default dict).perDay | default 0 | int64 }}
{{- with $bounds.maxPerDay }}
  {{- if or (not $perDay) (gt $perDay (int64 .)) }}
    {{ $who }}: sending.perDay must be at most {{ int64 . }}, which is bounds.maxPerDay. {{ if $perDay }}Lower it.{{ else }}Set it.{{ end }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The tests below answer "true" or nothing. */ -}}

{{- define "mailbox-tenant.isAddress" -}}
{{- if regexMatch "^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$" . }}true{{- end }}
{{- end }}

{{- define "mailbox-tenant.isTenant" -}}
{{- if has . (list "common" "organizations" "consumers") }}true
{{- else if regexMatch "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$" . }}true
{{- else if regexMatch "^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$" . }}true
{{- end }}
{{- end }}

{{- define "mailbox-tenant.isGap" -}}
{{- if regexMatch "^([0-9]{1,5}([.][0-9]{1,3})?(ms|s|m|h))+$" . }}
  {{- $milliseconds := include "mailbox-tenant.milliseconds" . | int64 }}
  {{- if and (ge $milliseconds 1000) (le $milliseconds 86400000) }}true{{ end }}
{{- end }}
{{- end }}

{{- define "mailbox-tenant.isInterval" -}}
{{- if regexMatch "^([0-9]{1,5}([.][0-9]{1,3})?(ms|s|m|h))+$" . }}
  {{- $milliseconds := include "mailbox-tenant.milliseconds" . | int64 }}
  {{- if and (ge $milliseconds 30000) (le $milliseconds 86400000) }}true{{ end }}
{{- end }}
{{- end }}

{{- /*
What isIP() of the Kubernetes CEL library admits: no zone, and no IPv4-mapped address. A dotted tail counts as two
groups; "::" stands for one group at least, so there are seven others at most.
*/ -}}
{{- define "mailbox-tenant.isIPv6" -}}
{{- $group := "[0-9A-Fa-f]{1,4}" -}}
{{- $octet := "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" -}}
{{- $text := regexReplaceAll (printf ":(%s\\.){3}%s$" $octet $octet) . ":a:a" -}}
{{- $isWhole := regexMatch (printf "^(%s:){7}%s$" $group $group) $text -}}
{{- $isCut := and (regexMatch (printf "^((%s:)*%s)?::((%s:)*%s)?$" $group $group $group $group) $text) (le (len (regexFindAll $group $text -1)) 7) -}}
{{- $isMapped := or
      (regexMatch (printf "^(::|(0{1,4}:)+:?)(0{1,4}:)*[fF]{4}:%s:%s$" $group $group) $text)
      (regexMatch (printf "^(0{1,4}:){5}[fF]{4}:(:|:%s|%s::)$" $group $group) $text) -}}
{{- if and (or $isWhole $isCut) (not $isMapped) }}true{{ end -}}
{{- end }}
