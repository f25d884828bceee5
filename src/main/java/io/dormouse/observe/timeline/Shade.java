package io.dormouse.observe.timeline;

import io.dormouse.connection.ConnectionState;
import java.util.Locale;

/**
 * How each state looks. A colour has a contrast of at least 4.5 to the page and to the label on it
 * (WCAG 2.2, 1.4.3), and at least 3 to the shaded background (1.4.11). Two colours differ for
 * people who see no red, no green or no blue too, or their bars differ in height.
 */
enum Shade {
  SUSPENDED("#6e7781", "#8b949e", 6),
  CONNECTING("#946200", "#f0c040", 20),
  PREPARING("#b0288f", "#ff9ad5", 20),
  OPEN("#0a66c8", "#5aaeff", 20),
  DRAINING("#00665c", "#3fd6b8", 20),
  WAITING("#6b7280", "#8f99a8", 12),
  FAILED("#8f1020", "#ff7a5c", 20),
  CLOSED("#24292f", "#e6e9ee", 20),
  TASK("#352a8a", "#8f7dff", 20);

  private final String light;
  private final String dark;

  /** How high its bar is, in pixels; {@link #HIGH} at most, and only then it may have a label. */
  final int height;

  static final int HIGH = 20;

  Shade(String light, String dark, int height) {
    this.light = light;
    this.dark = dark;
    this.height = height;
  }

  static Shade of(ConnectionState state) {
    return valueOf(state.name());
  }

  /** Returns the colour of its bars, as {@code #rrggbb}. */
  String on(Page page) {
    return page == Page.LIGHT ? light : dark;
  }

  /** Returns its name for people. */
  String words() {
    return name().toLowerCase(Locale.ROOT);
  }
}
