#!/bin/sh
# Two data centres on this machine: two Kafka clusters (from Maven Central's jars, which are kept in the user's cache folder), MirrorMaker 2 between them,
# two intakes and two streamers. Events are posted in both; a consumer changes between them while the mirror is killed and a data centre goes down and
# comes back. The exit code is 0 if it missed nothing and had nothing twice. Needs Go, Java and Maven.
#
#   deploy/mirror/two-dcs.sh            20 switches, with crashes: some minutes
#   deploy/mirror/two-dcs.sh --short    3 switches: about a minute
#   deploy/mirror/two-dcs.sh --keep     only starts everything, says where it is, and ends with Ctrl-C
set -eu
repository=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$repository" && go build -o "$work/" ./cmd/eventplatform ./test/mirror/two-dcs)
trap - EXIT # the program deletes the folder, with itself in it
exec "$work/two-dcs" --work "$work" --repository "$repository" "$@"
