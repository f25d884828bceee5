package io.dormouse.observe.timeline;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Timelines that were never recorded. */
final class Samples {
  /** What would be code if it were not taken for text. */
  static final String EVIL =
      "</script><script>document.title='broken'</script>&lt;<img src=x onerror=\"document.title=1\">"
          + "'\"]]>--><!-- \u202E\u2028 @DATA@ ${x} \u0000\uD800";

  private static final String[] KINDS = {"HTTP", "TCP", "UDP", "WEBSOCKET"};

  private Samples() {}

  /** Writes pages to look at: {@code Samples FOLDER}. */
  public static void main(String... args) throws Exception {
    Path folder = Files.createDirectories(Path.of(args[0]));
    for (int rows : new int[] {4, 40}) {
      for (long micros : new long[] {1_000_000, 36_000_000_000L}) {
        Timeline timeline = of(rows, micros);
        String name = rows + "-" + (micros > 1_000_000 ? "10h" : "1s");
        Files.writeString(folder.resolve(name + ".html"), timeline.toHtml(name));
        Files.writeString(folder.resolve(name + ".svg"), timeline.toSvg(name));
        Files.writeString(folder.resolve(name + ".json"), timeline.toTraceJson());
      }
    }
    Files.writeString(folder.resolve("evil.html"), evil().toHtml(EVIL));
    Files.writeString(folder.resolve("evil.svg"), evil().toSvg(EVIL));
  }

  /** One whose every text is evil. */
  static Timeline evil() {
    Span span = new Span(Shade.OPEN, 0, 900, true, 1, EVIL, EVIL);
    return new Timeline(
        1_000, List.of(), List.of(new Row(EVIL, "TCP", List.of(span))), List.of(), 0);
  }

  /** One with so many connections and two tasks, in which the app goes to the background twice. */
  static Timeline of(int connections, long micros) {
    Random random = new Random(7);
    List<Timeline.Away> away =
        List.of(
            new Timeline.Away(micros * 3 / 10, micros * 45 / 100),
            new Timeline.Away(micros * 75 / 100, micros * 9 / 10));
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      rows.add(new Row("connection-" + i, KINDS[i % 4], spans(i, micros, random)));
    }
    Span upload = new Span(Shade.TASK, micros / 4, micros * 4 / 10, false, 0, "CLOSED", "");
    Span tracking = new Span(Shade.TASK, micros * 7 / 10, micros * 8 / 10, false, 0, "EXPIRED", "");
    rows.add(new Row("upload", Row.TASK, List.of(upload)));
    rows.add(new Row("tracking", Row.TASK, List.of(tracking)));
    return new Timeline(micros, away, rows, List.of(), connections > 10 ? 1_234 : 0);
  }

  private static List<Span> spans(int i, long micros, Random random) {
    List<Span> spans = new ArrayList<>();
    long[][] front = {
      {0, micros * 3 / 10}, {micros * 45 / 100, micros * 75 / 100}, {micros * 9 / 10, micros}
    };
    String address = "api" + i + ".example.com/192.0.2." + i + ":443";
    long generation = 0;
    for (long[] part : front) {
      long at = part[0];
      if (at > 0) {
        long drained = spans.get(spans.size() - 1).to() + micros / 200;
        spans.add(
            new Span(
                Shade.DRAINING,
                drained - micros / 200,
                drained,
                false,
                generation,
                "SUSPENDED",
                address));
        spans.add(new Span(Shade.SUSPENDED, drained, at, false, generation, "SUSPENDED", address));
      }
      generation++;
      long took = micros / 1_000 * (1 + random.nextInt(10));
      spans.add(new Span(Shade.CONNECTING, at, at + took, false, generation, "", ""));
      at += took;
      for (int failures = 1; i % 3 == 0 && failures < 6; failures++) {
        long wait = micros / 250 * failures;
        String refused = "CONNECT_FAILED (Connection refused)";
        spans.add(new Span(Shade.WAITING, at, at + wait, false, generation, refused, address));
        at += wait;
        generation++;
        spans.add(new Span(Shade.CONNECTING, at, at + 400, false, generation, "", address));
        at += 400;
      }
      Shade ends = i % 5 == 4 ? Shade.FAILED : Shade.OPEN;
      String why = ends == Shade.FAILED ? "HANDSHAKE_REJECTED 401 (Unauthorized)" : "";
      if (ends == Shade.OPEN) {
        spans.add(new Span(Shade.PREPARING, at, at + micros / 100, false, generation, "", address));
        at += micros / 100;
      }
      spans.add(new Span(ends, at, part[1], part[1] == micros, generation, why, address));
    }
    return spans;
  }
}
