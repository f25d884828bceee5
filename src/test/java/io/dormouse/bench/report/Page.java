package io.dormouse.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page that shows the results of a run, between two comments. */
public final class Page {
  private static final String BEGIN = "<!-- results: begin -->\n";
  private static final String END = "<!-- results: end -->\n";

  private Page() {}

  /** Puts results in the place of those of an earlier run. */
  public static void update(Path page, String results) throws IOException {
    Files.writeString(page, updated(Files.readString(page), results));
  }

  static String updated(String page, String results) {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException("no place for results: " + BEGIN + END);
    }
    return page.substring(0, begin + BEGIN.length()) + results + page.substring(end);
  }
}
