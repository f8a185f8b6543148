{{/* Egress to the name servers and the API server. */}}
{{- define "mailbox-operator.egressInside" -}}
{{- $policy := .Values.networkPolicy }}
# Names.
- ports:
    {{- range append $policy.dns.ports (dig "egress" "nameserverPort" 53 .Values.config) | toStrings | uniq }}
    - {port: {{ . }}, protocol: UDP}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with $policy.dns.to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
# The API server.
- ports:
    {{- range $policy.apiServer.ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with $policy.apiServer.to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/*
The peers that mail servers may be: all that is outside, and what the configuration allows.
  root: the chart's context
  except, exceptIPv6: networks that are not outside
*/}}
{{- define "mailbox-operator.egressOutside" -}}
- ipBlock: {cidr: 0.0.0.0/0, except: {{ toJson .except }}}
- ipBlock: {cidr: "::/0", except: {{ toJson .exceptIPv6 }}}
{{- range dig "egress" "allowedNetworks" list .root.Values.config }}
- ipBlock: {cidr: {{ ternary . (printf "%s/%s" . (ternary "128" "32" (contains ":" .))) (contains "/" .) | quote }}}
{{- end }}
{{- with .root.Values.networkPolicy.outside.to }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Egress to a URL: in the namespace that its name has as a Service, else anywhere; nothing for an empty one. */}}
{{- define "mailbox-operator.egressTo" -}}
{{- if . }}
{{- $url := urlParse . }}
- ports: [{port: {{ regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary 443 80 (eq $url.scheme "https")) }}, protocol: TCP}]
  {{- if regexMatch "^[^.:]+\\.[^.:]+\\.svc([.:]|$)" $url.host }}
  to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{ index (splitList "." $url.host) 1 }}}}}]
  {{- end }}
{{- end }}
{{- end }}
