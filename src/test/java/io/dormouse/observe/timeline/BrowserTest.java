package io.dormouse.observe.timeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The page as a browser shows it. All that is looked at is in frames of one page, since a browser
 * takes a second to start. Skipped where there is no Chromium.
 */
class BrowserTest {
  private static final int[] WIDTHS = {360, 760, 1_600};

  private Path folder;
  private final List<Frame> frames = new ArrayList<>();

  @BeforeEach
  void makeRoom() throws IOException {
    folder = Files.createTempDirectory("browser");
  }

  /** As far as it can be: processes of the browser's may take a moment longer to end. */
  @AfterEach
  void cleanUp() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        boolean unused = file.toFile().delete();
      }
    } catch (UncheckedIOException e) {
      // One has gone by itself meanwhile.
    }
  }

  /** What is shown in a frame of its own. */
  private record Frame(String name, String html, int width, boolean isPage, boolean isEvil) {}

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everythingIsSeenAndWorks(boolean dark) throws Exception {
    Optional<Chromium> chromium = Chromium.find(folder);
    assumeTrue(chromium.isPresent(), "skipped: there is no chromium on the path");
    frames();

    String printed = chromium.get().open(around(), dark, 1_700, 900);

    int begin = printed.indexOf("<pre id=\"result\">") + "<pre id=\"result\">".length();
    String result = printed.substring(begin, printed.indexOf("</pre>", begin));
    Map<String, List<String>> told = new HashMap<>();
    for (String of : result.replace("&lt;", "<").replace("&gt;", ">").split("\n--\n", -1)) {
      List<String> lines = of.lines().toList();
      told.put(lines.isEmpty() ? "" : lines.get(0), lines);
    }
    for (Frame frame : frames) {
      assertThat(told).containsKey("frame: " + frame.name());
      check(frame, told.get("frame: " + frame.name()), dark);
    }
  }

  private void frames() throws Exception {
    String look;
    try (InputStream in = BrowserTest.class.getResourceAsStream("look.js")) {
      look = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    for (int connections : new int[] {4, 40}) {
      for (long micros : new long[] {1_000_000, 36_000_000_000L}) {
        Timeline timeline = Samples.of(connections, micros);
        String name = connections + " connections, " + timeline.duration();
        for (int width : WIDTHS) {
          String page = looked(timeline.toHtml("look at " + name), look);
          frames.add(new Frame(name + ", " + width, page, width, true, false));
        }
        String picture =
            "<!DOCTYPE html><title>look</title><body style='margin:0'>"
                + timeline.toSvg(name)
                + "<script>"
                + look
                + "</script>";
        frames.add(new Frame(name + ", picture", picture, 960, false, false));
      }
    }
    String evil = looked(Samples.evil().toHtml("look " + Samples.EVIL), look);
    frames.add(new Frame("evil", evil, 800, true, true));
  }

  /** The page's policy runs no script but its own, so it has to be told of this one. */
  private static String looked(String page, String look) throws Exception {
    byte[] hash =
        MessageDigest.getInstance("SHA-256").digest(look.getBytes(StandardCharsets.UTF_8));
    String allowed = "script-src 'sha256-" + Base64.getEncoder().encodeToString(hash) + "' '";
    return page.replaceFirst("script-src '", allowed)
        .replace("</body>", "<script>" + look + "</script></body>");
  }

  private String around() {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html><meta charset=utf-8><meta name=color-scheme content='light dark'>");
    page.append("<pre id=\"result\"></pre>");
    for (Frame frame : frames) {
      String html = frame.html().replace("&", "&amp;").replace("\"", "&quot;");
      page.append("<iframe name=\"")
          .append(frame.name())
          .append("\" width=")
          .append(frame.width())
          .append(" height=800 style='border:0'");
      page.append(" srcdoc=\"").append(html).append("\"></iframe>\n");
    }
    return page.toString();
  }

  private static void check(Frame frame, List<String> told, boolean dark) {
    Page page = dark ? Page.DARK : Page.LIGHT;
    assertThat(told)
        .as(frame.name())
        .contains(
            "bars over bars: 0",
            "thin bars: 0",
            "texts over texts: 0",
            "beyond the page: 0",
            "scrolls sideways: false",
            "elements from texts: 0",
            "title: true",
            "background: " + rgb(page.background))
        .noneMatch(line -> line.matches("(bars over bars|thin bars|texts over texts): [1-9].*"))
        .noneMatch(line -> line.matches("beyond the page: [1-9].*"));
    if (frame.isPage()) {
      assertThat(told)
          .as(frame.name())
          .contains(
              "marks: true",
              "marks, far in: true",
              "controls over controls: 0",
              "small controls: 0",
              "unnamed controls: 0",
              "0 shows all: true",
              "shift moves: true",
              "slash: true",
              "nothing found: 0 nothing matches the filter",
              "escape: true",
              "hidden: 0 false",
              "shown again: true",
              "tip: true",
              "tip beyond the page: false",
              "click: true");
    }
    if (frame.isPage() && !frame.isEvil()) {
      assertThat(told)
          .as(frame.name())
          .contains("bars: true", "right: connection-0 (HTTP): connecting", "enter zooms: true")
          .anyMatch(line -> line.startsWith("down: connection-1 (TCP): "))
          .anyMatch(line -> line.matches("filtered: 1 1 of \\d+ rows"));
    }
    if (frame.isEvil()) {
      assertThat(told).anyMatch(line -> line.startsWith("names: </script><script>"));
    }
  }

  private static String rgb(String colour) {
    return "rgb("
        + Integer.parseInt(colour.substring(1, 3), 16)
        + ", "
        + Integer.parseInt(colour.substring(3, 5), 16)
        + ", "
        + Integer.parseInt(colour.substring(5, 7), 16)
        + ")";
  }
}
