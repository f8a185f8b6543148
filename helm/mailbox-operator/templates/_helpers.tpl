{{- define "mailbox-operator.labels" -}}
app.kubernetes.io/name: mailbox-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "mailbox-operator.selector" -}}
app.kubernetes.io/name: mailbox-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mailbox-operator.config" -}}
{{- mergeOverwrite (dict "operatorNamespace" .Release.Namespace) .Values.config | toYaml }}
{{- end }}
