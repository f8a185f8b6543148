{{/* The name of all objects; 50 characters leave room for a suffix. */}}
{{- define "mailbox-operator.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $full .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "mailbox-operator.serviceAccountName" -}}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) }}
{{- fail "serviceAccount.create is false: name the ServiceAccount in serviceAccount.name. Under `default` every pod of the namespace would have the operator's rights." }}
{{- end }}
{{- default (include "mailbox-operator.fullname" .) .Values.serviceAccount.name }}
{{- end }}

{{- define "mailbox-operator.gatewayAccount" -}}
{{- $account := .Values.gateway.serviceAccount }}
{{- if not (or $account.create $account.name) }}
{{- fail "gateway.serviceAccount.create is false: name the ServiceAccount in gateway.serviceAccount.name." }}
{{- else if eq $account.name (include "mailbox-operator.serviceAccountName" .) }}
{{- fail "gateway.serviceAccount.name is that of the operator, whose rights the gateway must not have. Name another one." }}
{{- end }}
{{- default (printf "%s-gateway" (include "mailbox-operator.fullname" .)) $account.name }}
{{- end }}

{{/* What Deployment, Services, budgets and policies select. */}}
{{- define "mailbox-operator.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/component: operator
{{- end }}

{{/* The same of another component; takes what `mailbox-operator.deployment` does. */}}
{{- define "mailbox-operator.selectorOf" -}}
{{- mergeOverwrite (include "mailbox-operator.selector" .root | fromYaml) (dict "app.kubernetes.io/component" .component) | toYaml }}
{{- end }}

{{/*
The metadata of an object.
  root: the chart's context
  name: appended to the name of all objects; or fullName: the whole name
  component: operator unless set
  namespace: the release's unless set; "-" for objects of the cluster
  labels, annotations: more of them, as maps
*/}}
{{- define "mailbox-operator.metadata" -}}
{{- $root := .root }}
{{- $standard := include "mailbox-operator.selector" $root | fromYaml }}
{{- $_ := set $standard "app.kubernetes.io/version" $root.Chart.AppVersion }}
{{- $_ := set $standard "app.kubernetes.io/managed-by" $root.Release.Service }}
{{- $_ := set $standard "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_") }}
{{- $_ := set $standard "app.kubernetes.io/component" (default "operator" .component) }}
{{- $annotations := merge (dict) (default dict .annotations) (tpl (toYaml $root.Values.commonAnnotations) $root | fromYaml) -}}
name: {{ default (printf "%s%s" (include "mailbox-operator.fullname" $root) (default "" .name)) .fullName | quote }}
{{- if ne (default "" .namespace) "-" }}
namespace: {{ default $root.Release.Namespace .namespace | quote }}
{{- end }}
labels: {{- merge (dict) $standard (default dict .labels) $root.Values.commonLabels | toYaml | nindent 2 }}
{{- with $annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "mailbox-operator.image" -}}
{{- $registry := default .Values.image.registry .Values.global.imageRegistry }}
{{- $path := ternary (printf "%s/%s" $registry .Values.image.repository) .Values.image.repository (ne $registry "") }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $path .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $path (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "mailbox-operator.pullSecrets" -}}
{{- with concat .Values.global.imagePullSecrets .Values.image.pullSecrets | uniq -}}
imagePullSecrets:
{{- range . }}
  - name: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* The operator's configuration file. */}}
{{- define "mailbox-operator.config" -}}
{{- $own := dict "operatorNamespace" .Release.Namespace "leaderElection" (dict "leaseName" (include "mailbox-operator.fullname" .)) }}
{{- $rights := ternary (dict "secrets" "Namespaced") dict (eq .Values.rbac.secrets "namespaced") }}
{{- $gateway := dict }}
{{- if .Values.gateway.enabled }}
{{- $host := printf "%s-gateway.%s.svc" (include "mailbox-operator.fullname" .) .Release.Namespace }}
{{- $tls := .Values.gateway.tls }}
{{- $tls = dict "secretName" $tls.secretName "names" (prepend $tls.names $host) "clusterDomain" $tls.clusterDomain }}
{{- $gateway = dict "gateway" (dict "host" $host "port" (.Values.gateway.port | int) "tlsPort" (.Values.gateway.tlsPort | int) "tls" $tls) }}
{{- end }}
{{- mergeOverwrite $own $rights $gateway (deepCopy .Values.config) | toYaml }}
{{- end }}

{{/* Where browsers reach the consent page; empty where there is none. */}}
{{- define "mailbox-operator.publicURL" -}}
{{- dig "consent" "publicURL" "" .Values.config | default "" }}
{{- end }}

{{- define "mailbox-operator.openshift" -}}
{{- $auto := and (eq .Values.openshift "auto") (.Capabilities.APIVersions.Has "security.openshift.io/v1") }}
{{- if or $auto (eq .Values.openshift "force") }}true{{ end }}
{{- end }}

{{- define "mailbox-operator.podSecurityContext" -}}
{{- if include "mailbox-operator.openshift" . }}
{{- omit .Values.podSecurityContext "runAsUser" "runAsGroup" "fsGroup" | toYaml }}
{{- else }}
{{- toYaml .Values.podSecurityContext }}
{{- end }}
{{- end }}

{{/* "true" where this very release brings the kinds, so that the cluster does not know them yet. */}}
{{- define "mailbox-operator.bringsKinds" -}}
{{- if and .Values.crds.enabled (not (.Capabilities.APIVersions.Has "mailbox-operator.io/v1alpha1/ManagedInfrastructure")) }}true{{ end }}
{{- end }}

{{/* The namespaces whose Mailboxes are connected, as JSON; empty for all. The operator's own is one of them. */}}
{{- define "mailbox-operator.namespaces" -}}
{{- $named := .Values.config.namespaces | default list }}
{{- $own := default .Release.Namespace .Values.config.operatorNamespace }}
{{- ternary (append $named $own) list (gt (len $named) 0) | uniq | sortAlpha | toJson }}
{{- end }}

{{/* Whether ManagedInfrastructures are read: "true" or nothing. */}}
{{- define "mailbox-operator.managed" -}}
{{- if dig "managed" true .Values.config }}true{{ end }}
{{- end }}

{{/* The ServiceAccount's token, authority and namespace, where client libraries look for them. */}}
{{- define "mailbox-operator.tokenVolume" -}}
name: token
projected:
  defaultMode: 0444
  sources:
    - serviceAccountToken: {path: token, expirationSeconds: {{ .Values.serviceAccount.tokenExpirationSeconds | int }}}
    - configMap:
        name: kube-root-ca.crt
        items: [{key: ca.crt, path: ca.crt}]
    - downwardAPI:
        items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]
{{- end }}
