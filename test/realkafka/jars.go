package realkafka

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	version      = "4.1.2"
	scala        = "2.13"
	log4jVersion = "2.24.3" // without it a broker logs nothing
)

// What is fetched: a broker, and MirrorMaker, each with all it needs.
const (
	brokerArtifact = "kafka_" + scala
	mirrorArtifact = "connect-mirror"
)

// pom is a Maven project that needs one of Kafka's artifacts and something that writes its log.
func pom(artifact string) string {
	return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>eventplatform</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>` + artifact + `</artifactId><version>` + version + `</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>` + log4jVersion + `</version></dependency>
  </dependencies>
</project>
`
}

// MissingError says that Kafka is not to be had on this machine, which is no fault of what is tested.
type MissingError struct{ error }

// cacheDir is where the jars, and what is made from them once, are kept.
func cacheDir() (string, error) {
	base := os.Getenv("EVENTPLATFORM_CACHE")
	if base == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no cache folder (set EVENTPLATFORM_CACHE): %w", err)
		}
		base = filepath.Join(user, "eventplatform")
	}
	return filepath.Join(base, "kafka-"+version), nil
}

// kept returns the cached folder of that name, which make fills the first time. Processes that need it at the same time wait for the one that
// makes it, and never see half of it.
func kept(name string, make func(dir string) error) (_ string, err error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	dir := filepath.Join(cache, name)
	unlock, err := lock(filepath.Join(cache, name+".lock"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	tmp, err := os.MkdirTemp(cache, name+".*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp) // it is gone when it was renamed
	if err := make(tmp); err != nil {
		return "", err
	}
	return dir, os.Rename(tmp, dir)
}

// jars returns the folder with an artifact's class files, kept under that name, and the Java program.
func jars(name, artifact string) (libs, java string, err error) {
	if java, err = exec.LookPath("java"); err != nil {
		return "", "", &MissingError{errors.New("Apache Kafka needs Java (17 or newer), which is not installed")}
	}
	libs, err = kept(name, func(dir string) error {
		mvn, err := exec.LookPath("mvn")
		if err != nil {
			return errors.New("Apache Kafka's jars are fetched with Maven, which is not installed")
		}
		file := filepath.Join(dir, "pom.xml")
		if err := os.WriteFile(file, []byte(pom(artifact)), 0o644); err != nil {
			return err
		}
		out, err := exec.Command(mvn, "-q", "-B", "-f", file, "dependency:copy-dependencies", "-DoutputDirectory="+dir).CombinedOutput()
		if err != nil {
			return fmt.Errorf("Maven could not fetch Apache Kafka's jars: %w\n%s", err, strings.TrimSpace(string(out)))
		}
		return nil
	})
	if err != nil {
		err = &MissingError{err}
	}
	return libs, java, err
}
