{{/*
A Deployment of one of the two processes: the operator, or the gateway.
  root: the chart's context
  component: operator or gateway; it is the name of the container as well
  name: appended to the name of all objects
  account: name of the ServiceAccount
  args: of the process
  ports: of the container, as YAML
  replicas, resources, grace: how many, with what, and how long a pod may take to stop
  pause: seconds that a pod goes on as before after it was told to stop; none unless set
  labels: more of the pods, as a map
*/}}
{{- define "mailbox-operator.deployment" -}}
{{- $root := .root }}
{{- $selector := include "mailbox-operator.selectorOf" . | fromYaml }}
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "mailbox-operator.metadata" (dict "root" $root "name" .name "component" .component) | nindent 2 }}
spec:
  replicas: {{ .replicas }}
  revisionHistoryLimit: {{ $root.Values.revisionHistoryLimit }}
  strategy:
    {{- ternary $root.Values.updateStrategy (omit $root.Values.updateStrategy "rollingUpdate") (eq $root.Values.updateStrategy.type "RollingUpdate") | toYaml | nindent 4 }}
  selector:
    matchLabels: {{- toYaml $selector | nindent 6 }}
  template:
    metadata:
      labels:
        {{- merge (dict) $selector (default dict .labels) $root.Values.podLabels $root.Values.commonLabels | toYaml | nindent 8 }}
      annotations:
        checksum/config: {{ sha256sum (include "mailbox-operator.config" $root) }}
        {{- with merge (dict) $root.Values.podAnnotations $root.Values.commonAnnotations }}
        {{- tpl (toYaml .) $root | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ .account | quote }}
      automountServiceAccountToken: false
      {{- with include "mailbox-operator.pullSecrets" $root }}
      {{- . | nindent 6 }}
      {{- end }}
      terminationGracePeriodSeconds: {{ .grace }}
      securityContext: {{- include "mailbox-operator.podSecurityContext" $root | nindent 8 }}
      {{- range $key := list "priorityClassName" "runtimeClassName" "nodeSelector" "tolerations" "affinity" "dnsPolicy" "dnsConfig" "hostAliases" }}
      {{- with index $root.Values $key }}
      {{ dict $key . | toYaml | nindent 6 | trim }}
      {{- end }}
      {{- end }}
      {{- if not (kindIs "invalid" $root.Values.hostUsers) }}
      hostUsers: {{ $root.Values.hostUsers }}
      {{- end }}
      {{- if and $root.Values.topologySpread.enabled (gt (int .replicas) 1) }}
      topologySpreadConstraints:
        {{- if $root.Values.topologySpread.constraints }}
        {{- toYaml $root.Values.topologySpread.constraints | nindent 8 }}
        {{- else }}
        {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- toYaml $selector | nindent 14 }}
          matchLabelKeys: [pod-template-hash]
        {{- end }}
        {{- end }}
      {{- end }}
      {{- with $root.Values.initContainers }}
      initContainers: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "mailbox-operator.image" $root | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: {{ append .args "/etc/mailbox-operator/config.yaml" | toJson }}
          {{- with $root.Values.extraEnv }}
          env: {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with $root.Values.extraEnvFrom }}
          envFrom: {{- toYaml . | nindent 12 }}
          {{- end }}
          ports: {{- .ports | nindent 12 }}
          {{- range $probe, $path := dict "livenessProbe" "/healthz" "readinessProbe" "/readyz" "startupProbe" "/healthz" }}
          {{ $probe }}:
            httpGet: {path: {{ $path }}, port: http}
            {{- toYaml (index $root.Values $probe) | nindent 12 }}
          {{- end }}
          {{- with .pause }}
          lifecycle: {preStop: {sleep: {seconds: {{ . }}}}}
          {{- end }}
          securityContext: {{- toYaml $root.Values.securityContext | nindent 12 }}
          resources: {{- toYaml .resources | nindent 12 }}
          volumeMounts:
            - {name: config, mountPath: /etc/mailbox-operator, readOnly: true}
            - {name: token, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
            {{- with $root.Values.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
        {{- with $root.Values.extraContainers }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      volumes:
        - name: config
          configMap: {name: {{ include "mailbox-operator.fullname" $root | quote }}}
        - {{ include "mailbox-operator.tokenVolume" $root | indent 10 | trim }}
        {{- with $root.Values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end }}
