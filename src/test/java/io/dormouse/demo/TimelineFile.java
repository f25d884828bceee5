package io.dormouse.demo;

import io.dormouse.observe.timeline.Timeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Where the demo leaves what happened. */
final class TimelineFile {
  private static final String TITLE = "A day of an app: Dormouse's demo";

  private TimelineFile() {}

  /**
   * Writes it, as the file's name says: a page, a picture or a trace.
   *
   * @return a line that says where it is, or why it is not
   */
  static String write(Timeline timeline, Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    boolean isTrace = name.endsWith(".json");
    String text =
        isTrace
            ? timeline.toTraceJson()
            : name.endsWith(".svg") ? timeline.toSvg(TITLE) : timeline.toHtml(TITLE);
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      return "timeline: not written: " + e;
    }
    return "timeline: " + file + " (open it in " + (isTrace ? "ui.perfetto.dev)" : "a browser)");
  }
}
