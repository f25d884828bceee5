package io.dormouse.bench.traffic;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Messages as an app's server sends them: JSON with the same keys each time and other values, in
 * ASCII, all of {@link #SIZE}. Each connection has one of these, for one thread after the other.
 */
final class JsonTexts {
  static final int SIZE = 1024;

  private static final List<String> TEXTS = texts(64);

  private int next;

  private static List<String> texts(int different) {
    Random random = new Random(different); // the same for all libraries
    return Stream.generate(() -> text(random)).limit(different).toList();
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder("{\"quotes\":[");
    String quote = quote(random);
    while (text.length() + quote.length() + 3 < SIZE) {
      text.append(quote).append(',');
      quote = quote(random);
    }
    text.setCharAt(text.length() - 1, ']');
    while (text.length() < SIZE - 1) {
      text.append(' ');
    }
    return text.append('}').toString();
  }

  private static String quote(Random random) {
    return String.format(
        Locale.ROOT,
        "{\"symbol\":\"%s\",\"price\":%d.%02d,\"volume\":%d,\"time\":\"2026-11-28T10:%02d:%02d.%03dZ\"}",
        Integer.toString(46_656 + random.nextInt(1_000_000), 36).toUpperCase(Locale.ROOT),
        random.nextInt(1_000),
        random.nextInt(100),
        random.nextInt(100_000),
        random.nextInt(60),
        random.nextInt(60),
        random.nextInt(1_000));
  }

  String next() {
    next = (next + 1) % TEXTS.size();
    return TEXTS.get(next);
  }
}
