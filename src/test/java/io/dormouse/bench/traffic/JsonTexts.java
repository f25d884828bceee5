package io.dormouse.bench.traffic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Messages as an app's server sends them: JSON with the same keys each time and other values, in
 * ASCII, all of one size. For one thread after the other.
 */
final class JsonTexts {
  private static final int DIFFERENT = 64;

  private final List<String> texts = new ArrayList<>();
  private int next;

  JsonTexts(int size) {
    Random random = new Random(size); // the same for all
    for (int i = 0; i < DIFFERENT; i++) {
      texts.add(text(size, random));
    }
  }

  private static String text(int size, Random random) {
    StringBuilder text = new StringBuilder("{\"quotes\":[");
    String quote = quote(random);
    while (text.length() + quote.length() + 3 < size) {
      text.append(quote).append(',');
      quote = quote(random);
    }
    text.setCharAt(text.length() - 1, ']');
    while (text.length() < size - 1) {
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
    next = (next + 1) % DIFFERENT;
    return texts.get(next);
  }
}
