// Package observe tests what operators watch the platform with: Prometheus's rules and alerts in deploy/alerts (by promtool), Grafana's dashboards in
// deploy/dashboards, and that both ask for metrics that exist.
package observe
