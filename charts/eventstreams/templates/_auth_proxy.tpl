{{/* The sidecar that asks for a login before it lets anybody to the streamer: Apache with mod_auth_cas. */}}

{{- define "eventstreams.proxy_containers" -}}
{{- if .Values.auth_proxy.enabled }}
{{- $proxy := .Values.auth_proxy.httpd_cas }}
- name: {{ include "eventplatform.name" . }}-httpd-cas
  image: {{ printf "%s/%s:%s" .Values.docker.registry $proxy.image (toString $proxy.version) | quote }}
  imagePullPolicy: {{ .Values.docker.pull_policy }}
  ports:
    - containerPort: {{ $proxy.port }}
  env:
    - name: APACHE_RUN_PORT
      value: {{ toString $proxy.port | quote }}
  resources:
    {{- toYaml $proxy.resources | nindent 4 }}
  livenessProbe:
    tcpSocket:
      port: {{ $proxy.port }}
  readinessProbe:
    httpGet:
      path: /health_check
      port: {{ $proxy.port }}
  securityContext:
    {{- include "eventplatform.restricted" . | nindent 4 }}
  volumeMounts:
    - name: httpd-cas-site
      mountPath: /etc/apache2/sites-enabled
      readOnly: true
    - name: httpd-cas-health-check
      mountPath: /var/www
      readOnly: true
    - name: httpd-cas-cookies
      mountPath: {{ $proxy.cookies_path }}
{{- end }}
{{- end }}

{{- define "eventstreams.proxy_volumes" -}}
{{- if .Values.auth_proxy.enabled }}
{{- $name := include "eventplatform.name" . }}
- name: httpd-cas-site
  configMap:
    name: {{ $name }}-httpd-cas-site
- name: httpd-cas-health-check
  configMap:
    name: {{ $name }}-httpd-cas-health-check
- name: httpd-cas-cookies
  emptyDir:
    sizeLimit: {{ .Values.auth_proxy.httpd_cas.cookies_size_limit }}
{{- end }}
{{- end }}
