package io.dormouse.bench.traffic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A name server that never answers: the JDK of a process with this option reads its names from a
 * pipe that nobody writes to, so each look-up hangs.
 */
public final class HungNames {
  private HungNames() {}

  /** Returns the JVM option; it names a pipe that goes with this process. */
  public static String option() {
    try {
      Path folder = Files.createTempDirectory("dormouse-hung-names");
      Path pipe = folder.resolve("hosts");
      folder.toFile().deleteOnExit();
      Process maker = new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start();
      if (maker.waitFor() != 0) {
        throw new IOException("mkfifo failed");
      }
      pipe.toFile().deleteOnExit();
      return "-Djdk.net.hosts.file=" + pipe;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }
}
