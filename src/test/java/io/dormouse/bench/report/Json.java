package io.dormouse.bench.report;

import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Maps, collections, strings, numbers and booleans as JSON (RFC 8259). */
final class Json {
  private Json() {}

  static String of(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> quoted(String.valueOf(entry.getKey())) + ": " + of(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    } else if (value instanceof Collection<?> all) {
      return all.stream().map(Json::of).collect(Collectors.joining(",\n  ", "[\n  ", "\n]"));
    } else if (value instanceof Double number) {
      return number.isNaN() || number.isInfinite() ? "null" : number.toString();
    } else if (value instanceof Number || value instanceof Boolean) {
      return value.toString();
    }
    return quoted(String.valueOf(value));
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
