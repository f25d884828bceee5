package io.dormouse.observe.timeline;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page. Its parts are resources; what was recorded is put in as JSON that no browser takes for
 * code, and the page's policy lets one script run, by its hash.
 */
final class HtmlPage {
  private static final String FOLDER = "/io/dormouse/observe/timeline/";
  private static final Pattern PLACE = Pattern.compile("@([A-Z]+)@");

  private HtmlPage() {}

  static String of(Timeline timeline, String title) {
    String script = resource("timeline.js");
    Map<String, String> parts =
        Map.of(
            "HASH", "sha256-" + hash(script),
            "TITLE", Escaped.xml(title),
            "SUMMARY", Escaped.xml(timeline.summary()),
            "STYLE", style(),
            "KEYS", keys(),
            "DATA", data(timeline),
            "SCRIPT", script);
    return filled(resource("timeline.html"), parts);
  }

  private static String style() {
    return filled(
        resource("timeline.css"),
        Map.of("LIGHT", Page.LIGHT.properties(), "DARK", Page.DARK.properties(), "RULES", rules()));
  }

  private static String rules() {
    StringBuilder rules = new StringBuilder();
    for (Shade shade : Shade.values()) {
      rules.append(".st-").append(shade).append(" { fill: var(--").append(shade).append("); }\n");
    }
    return rules.toString();
  }

  private static String keys() {
    StringBuilder keys = new StringBuilder();
    for (Shade shade : Shade.values()) {
      int height = Math.min(14, shade.height);
      keys.append("<button type=\"button\" class=\"key\" aria-pressed=\"true\" data-state=\"")
          .append(shade)
          .append("\"><svg width=\"14\" height=\"14\" aria-hidden=\"true\"><rect class=\"st-")
          .append(shade)
          .append("\" y=\"")
          .append((14 - height) / 2)
          .append("\" width=\"14\" height=\"")
          .append(height)
          .append("\"/></svg>")
          .append(shade.words())
          .append("</button>\n");
    }
    return keys.toString();
  }

  private static String data(Timeline timeline) {
    StringJoiner away = new StringJoiner(",", "[", "]");
    for (Timeline.Away each : timeline.away()) {
      away.add("[" + each.from() + "," + each.to() + "]");
    }
    StringJoiner rows = new StringJoiner(",\n", "[", "]");
    for (Row row : timeline.rows()) {
      StringJoiner spans = new StringJoiner(",", "[", "]");
      row.spans().forEach(span -> spans.add(json(span)));
      rows.add(
          "{\"name\":"
              + Escaped.json(row.name())
              + ",\"kind\":"
              + Escaped.json(row.kind())
              + ",\"spans\":"
              + spans
              + "}");
    }
    StringJoiner states = new StringJoiner(",", "{", "}");
    for (Shade shade : Shade.values()) {
      states.add(Escaped.json(shade.name()) + ":" + shade.height);
    }
    return "{\"to\":"
        + timeline.micros()
        + ",\"heights\":"
        + states
        + ",\"away\":"
        + away
        + ",\n\"rows\":"
        + rows
        + "}";
  }

  private static String json(Span span) {
    StringJoiner json = new StringJoiner(",", "{", "}");
    json.add("\"s\":" + Escaped.json(span.state().name()));
    json.add("\"f\":" + span.from());
    json.add("\"t\":" + span.to());
    if (span.goesOn()) {
      json.add("\"live\":true");
    }
    if (span.generation() > 0) {
      json.add("\"g\":" + span.generation());
    }
    if (!span.reason().isEmpty()) {
      json.add("\"r\":" + Escaped.json(span.reason()));
    }
    if (!span.address().isEmpty()) {
      json.add("\"a\":" + Escaped.json(span.address()));
    }
    return json.toString();
  }

  /** Puts each part in its place, once: what is in a part is no place. */
  private static String filled(String text, Map<String, String> parts) {
    Matcher place = PLACE.matcher(text);
    StringBuilder filled = new StringBuilder();
    int end = 0;
    while (place.find()) {
      String part = parts.get(place.group(1));
      if (part == null) {
        throw new IllegalStateException("nothing for " + place.group());
      }
      filled.append(text, end, place.start()).append(part);
      end = place.end();
    }
    return filled.append(text, end, text.length()).toString();
  }

  private static String hash(String script) {
    try {
      byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every platform has SHA-256", e);
    }
  }

  private static String resource(String name) {
    try (InputStream in = HtmlPage.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        throw new IllegalStateException("the library's resource is missing: " + FOLDER + name);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      byte[] some = new byte[8_192];
      for (int n = in.read(some); n >= 0; n = in.read(some)) {
        bytes.write(some, 0, n);
      }
      // The same on every system, for the script's hash.
      return new String(bytes.toByteArray(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(FOLDER + name, e);
    }
  }
}
