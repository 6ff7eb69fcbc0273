// Package charts tests the Helm charts of charts/ and the helmfile services of deploy/helmfile without a cluster. tools/charts, a module of its own,
// renders them with Helm's engine and holds what comes out to the types of the current Kubernetes and to its Pod security standard "restricted";
// the tests here ask for releases and look at their objects. What a chart renders as configuration is given to the real program.
package charts
