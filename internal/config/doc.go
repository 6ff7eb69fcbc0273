// Package config reads the configuration files that operators of the Node.js services have (service-runner's YAML) into the typed configuration of the
// rooms.
//
// It promises: whatever is wrong is reported at once, each with file, line and remedy; a key that is not known is reported with the nearest known one; a key
// that has no meaning here is listed with the reason why that is fine. What the command line or the environment says wins over the file.
//
// It never connects to anything and starts nothing. It reads no file but the one it is given (and certificates that the Kafka section names).
package config
