package io.dormouse.observe.timeline;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a trace in Chrome's Trace Event Format, its object form, as strictly as the format is
 * written down ("Trace Event Format", Google): metadata names threads, complete events have a
 * beginning and a length, and those of one thread nest.
 */
final class TraceReader {
  /** A complete event. */
  record Slice(String thread, String category, String name, long ts, long dur, Map<?, ?> args) {}

  private final Map<Long, String> threads = new HashMap<>();
  private final Map<Long, Long> ends = new HashMap<>();
  private final List<Slice> slices = new ArrayList<>();
  private final Map<?, ?> other;

  TraceReader(String json) {
    Map<?, ?> trace = (Map<?, ?>) new JsonReader(json).document();
    require(trace.get("displayTimeUnit").equals("ms"), "a unit of ms or ns");
    other = (Map<?, ?>) trace.get("otherData");
    for (Object each : (List<?>) trace.get("traceEvents")) {
      Map<?, ?> event = (Map<?, ?>) each;
      require(number(event, "pid") == 1, "one process");
      switch ((String) event.get("ph")) {
        case "M" -> metadata(event);
        case "X" -> complete(event);
        default -> throw new AssertionError("a phase that is never written: " + event);
      }
    }
  }

  private void metadata(Map<?, ?> event) {
    Map<?, ?> args = (Map<?, ?>) event.get("args");
    switch ((String) event.get("name")) {
      case "process_name" -> require(!((String) args.get("name")).isEmpty(), "a name");
      case "thread_name" ->
          require(
              threads.put(number(event, "tid"), (String) args.get("name")) == null,
              "one name for each thread");
      case "thread_sort_index" -> require(number(args, "sort_index") > 0, "an index");
      default -> throw new AssertionError("unknown metadata " + event);
    }
  }

  private void complete(Map<?, ?> event) {
    long thread = number(event, "tid");
    long ts = number(event, "ts");
    long dur = number(event, "dur");
    require(threads.containsKey(thread), "a thread with a name");
    require(ts >= ends.getOrDefault(thread, 0L) && dur >= 0, "events of one thread apart");
    ends.put(thread, ts + dur);
    Map<?, ?> args = (Map<?, ?>) event.get("args");
    slices.add(
        new Slice(
            threads.get(thread),
            (String) event.get("cat"),
            (String) event.get("name"),
            ts,
            dur,
            args == null ? Map.of() : args));
  }

  private static long number(Map<?, ?> from, String key) {
    return ((BigDecimal) from.get(key)).longValueExact();
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not in the trace: " + what);
    }
  }

  List<Slice> slices() {
    return slices;
  }

  Map<?, ?> otherData() {
    return other;
  }

  /** JSON as RFC 8259 has it, and nothing beyond. Of two members of one name it takes none. */
  static final class JsonReader {
    private final String text;
    private int at;

    JsonReader(String text) {
      this.text = text;
    }

    Object document() {
      Object value = value();
      skipBlanks();
      require(at == text.length(), "nothing after the document");
      return value;
    }

    private Object value() {
      skipBlanks();
      return switch (text.charAt(at)) {
        case '{' -> object();
        case '[' -> array();
        case '"' -> string();
        case 't' -> literal("true", true);
        case 'f' -> literal("false", false);
        default -> number();
      };
    }

    private Map<String, Object> object() {
      Map<String, Object> members = new LinkedHashMap<>();
      at++;
      if (isNext('}')) {
        return members;
      }
      do {
        skipBlanks();
        String name = string();
        require(isNext(':'), "a colon");
        require(members.put(name, value()) == null, "each name once");
      } while (isNext(','));
      require(isNext('}'), "the end of an object");
      return members;
    }

    private List<Object> array() {
      List<Object> elements = new ArrayList<>();
      at++;
      if (isNext(']')) {
        return elements;
      }
      do {
        elements.add(value());
      } while (isNext(','));
      require(isNext(']'), "the end of an array");
      return elements;
    }

    private String string() {
      require(text.charAt(at) == '"', "a string");
      at++;
      StringBuilder string = new StringBuilder();
      while (text.charAt(at) != '"') {
        char c = text.charAt(at++);
        require(c >= ' ', "no control character in a string");
        string.append(c == '\\' ? escape() : c);
      }
      at++;
      return string.toString();
    }

    private char escape() {
      char c = text.charAt(at++);
      return switch (c) {
        case '"', '\\', '/' -> c;
        case 'b' -> '\b';
        case 'f' -> '\f';
        case 'n' -> '\n';
        case 'r' -> '\r';
        case 't' -> '\t';
        case 'u' -> {
          at += 4;
          yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
        }
        default -> throw new AssertionError("no such escape: \\" + c);
      };
    }

    private Object number() {
      int begin = at;
      while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      String number = text.substring(begin, at);
      require(number.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?"), "a number: " + number);
      return new BigDecimal(number);
    }

    private Object literal(String word, Object value) {
      require(text.startsWith(word, at), word);
      at += word.length();
      return value;
    }

    private boolean isNext(char c) {
      skipBlanks();
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void skipBlanks() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }
  }
}
