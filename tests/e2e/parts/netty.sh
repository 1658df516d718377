#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Gets Netty's jars, those of its native transport among them, by Maven into ./lib.
# Debian's are without that transport.
set -eu
version=4.1.137.Final
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1
machine=$(uname -m)
machine=${machine/aarch64/aarch_64}

cat >pom.xml <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>loopscope.test</groupId>
  <artifactId>netty</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.netty</groupId>
      <artifactId>netty-transport-native-epoll</artifactId>
      <version>$version</version>
      <classifier>linux-$machine</classifier>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B "$plugin:copy-dependencies" -DoutputDirectory=lib
