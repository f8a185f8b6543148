{{- /*
The metadata that every object begins with. Takes a dict: root, name, and optionally labels and annotations,
which win over those that all objects have in common.
*/ -}}
{{- define "mailbox-tenant.metadata" -}}
{{- $common := .root.Values -}}
name: {{ .name | quote }}
labels:
  {{- $labels := dict
        "app.kubernetes.io/name" .root.Chart.Name
        "app.kubernetes.io/instance" .root.Release.Name
        "app.kubernetes.io/managed-by" .root.Release.Service
        "app.kubernetes.io/part-of" "mailbox-operator"
        "helm.sh/chart" (printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") }}
  {{- mergeOverwrite $labels ($common.commonLabels | default dict) (.labels | default dict) | toYaml | nindent 2 }}
{{- with mergeOverwrite (dict) ($common.commonAnnotations | default dict) (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "mailbox-tenant.planName" -}}
{{ .Release.Name }}-mailboxes
{{- end }}

{{- define "mailbox-tenant.peopleName" -}}
{{ .Release.Name }}-people
{{- end }}

{{- /*
The name of cluster-wide objects. A namespace has no dots, so that no two releases can have the same name here;
with 53 characters for a release at most, it stays far below the 253 that the API allows.
*/ -}}
{{- define "mailbox-tenant.boundsName" -}}
{{ .Chart.Name }}.{{ .Release.Namespace }}.{{ .Release.Name }}
{{- end }}

{{- define "mailbox-tenant.operateName" -}}
{{ .Chart.Name }}-operate.{{ .Release.Namespace }}.{{ .Release.Name }}
{{- end }}

{{- /* "true" if there is a Sender. */ -}}
{{- define "mailbox-tenant.hasSenders" -}}
{{- range .Values.senders }}{{ if . }}true{{ break }}{{ end }}{{ end }}
{{- end }}

{{- /* "true" if the plan has a limit; none at all is a limit too. */ -}}
{{- define "mailbox-tenant.isLimited" -}}
{{- with .Values.quota }}
{{- if not (kindIs "invalid" .mailboxes) }}true{{ end }}
{{- end }}
{{- end }}

{{- /* "true" as soon as one of the bounds is set. */ -}}
{{- define "mailbox-tenant.isBounded" -}}
{{- with .Values.bounds }}
{{- if or .providers .infrastructures .minCheckInterval .maxPerDay }}true{{ end }}
{{- end }}
{{- end }}

{{- /* Milliseconds of a duration such as 1h30m, which has to be one. */ -}}
{{- define "mailbox-tenant.milliseconds" -}}
{{- $start := toDate "2006-01-02" "2000-01-01" -}}
{{- ((dateModify . $start).Sub $start).Milliseconds -}}
{{- end }}
