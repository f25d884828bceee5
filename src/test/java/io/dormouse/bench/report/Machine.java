package io.dormouse.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Where and when the results were measured, in words. */
record Machine(int cores, String processor, String system, String java, LocalDate date) {
  static Machine here() {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        processorName(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        "JDK " + System.getProperty("java.version"),
        LocalDate.now(ZoneOffset.UTC));
  }

  private static String processorName() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).trim())
          .findFirst()
          .orElse("an unnamed processor");
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }

  @Override
  public String toString() {
    return cores + " cores of " + processor + ", " + system + ", " + java + ", " + date;
  }
}
