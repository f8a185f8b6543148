{{/* Whether the cluster knows any kind of the Prometheus Operator: "true" or nothing. */}}
{{- define "mailbox-operator.knowsMonitoring" -}}
{{- range .Capabilities.APIVersions }}{{ if regexMatch "^monitoring\\.coreos\\.com/v1(/|$)" . }}true{{ break }}{{ end }}{{ end }}
{{- end }}

{{/*
Whether an object is rendered: "true" or nothing.
  root: the chart's context
  mode: always, never, or auto
  kind: what the cluster has to know under auto; any kind of the Prometheus Operator unless set
*/}}
{{- define "mailbox-operator.monitors" -}}
{{- if eq .mode "always" }}true
{{- else if and (eq .mode "auto") .kind }}
{{- if .root.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" .kind) }}true{{ end }}
{{- else if eq .mode "auto" }}
{{- include "mailbox-operator.knowsMonitoring" .root }}
{{- end }}
{{- end }}

{{- define "mailbox-operator.serviceMonitor" -}}
{{- include "mailbox-operator.monitors" (dict "root" . "mode" .Values.monitoring.serviceMonitor.mode "kind" "ServiceMonitor") }}
{{- end }}

{{- define "mailbox-operator.podMonitor" -}}
{{- include "mailbox-operator.monitors" (dict "root" . "mode" .Values.monitoring.podMonitor.mode "kind" "PodMonitor") }}
{{- end }}

{{- define "mailbox-operator.prometheusRule" -}}
{{- include "mailbox-operator.monitors" (dict "root" . "mode" .Values.monitoring.prometheusRule.mode "kind" "PrometheusRule") }}
{{- end }}

{{- define "mailbox-operator.dashboards" -}}
{{- include "mailbox-operator.monitors" (dict "root" . "mode" .Values.monitoring.dashboards.mode) }}
{{- end }}

{{/* How a monitor scrapes. Series of a Mailbox have its own namespace, which labels of the target must not replace. */}}
{{- define "mailbox-operator.endpoint" -}}
port: http
path: /metrics
honorLabels: true
interval: {{ .interval | quote }}
scrapeTimeout: {{ .scrapeTimeout | quote }}
{{- with .relabelings }}
relabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .metricRelabelings }}
metricRelabelings: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
