package io.dormouse.observe.timeline;

import io.dormouse.support.Await;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real browser without a screen. */
final class Chromium {
  private final Path program;
  private final Path folder;

  private Chromium(Path program, Path folder) {
    this.program = program;
    this.folder = folder;
  }

  /**
   * Finds it on the path.
   *
   * @param folder for its profiles and pages
   */
  static Optional<Chromium> find(Path folder) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .map(each -> Path.of(each, "chromium"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(program -> new Chromium(program, folder));
  }

  /**
   * Opens a page, and returns it as it is when it has loaded.
   *
   * @param dark whether the user prefers that
   */
  String open(String html, boolean dark, int width, int height) throws Exception {
    Path page = Files.createTempFile(folder, "page", ".html");
    Files.writeString(page, html);
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + Files.createTempDirectory(folder, "profile"),
                "--window-size=" + width + "," + height,
                "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
                "--dump-dom",
                page.toUri().toString()));
    return printedBy(command);
  }

  private String printedBy(List<String> command) throws IOException, InterruptedException {
    Path printed = Files.createTempFile(folder, "printed", ".html");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(printed.toFile())
            .redirectError(folder.resolve("errors.txt").toFile())
            .start();
    try {
      if (!process.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("the browser has not ended within " + Await.LIMIT);
      }
      if (process.exitValue() != 0) {
        throw new AssertionError(
            "the browser ended with "
                + process.exitValue()
                + ": "
                + Files.readString(folder.resolve("errors.txt")));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    return Files.readString(printed, StandardCharsets.UTF_8);
  }
}
