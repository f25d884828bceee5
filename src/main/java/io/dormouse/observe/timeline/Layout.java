package io.dormouse.observe.timeline;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the spans of a row are drawn: in order, none over another, and none too narrow to be seen.
 * Those that are too narrow share a box with their neighbours; a box has the state of them that
 * matters most. The page's script does the same.
 */
final class Layout {
  /** What is narrower shares a box; twice {@link #LEAST}, so that a neighbour may take some. */
  private static final double WIDE = 4;

  /** The width of the narrowest box. */
  static final double LEAST = 2;

  private final double left;
  private final double width;
  private final long micros;

  /**
   * Creates one for a plot.
   *
   * @param left where it begins
   * @param width how wide it is
   * @param micros how long it shows
   */
  Layout(double left, double width, long micros) {
    this.left = left;
    this.width = width;
    this.micros = Math.max(1, micros);
  }

  /** Spans of one row that are drawn as one box. */
  record Box(double left, double right, Span span, int spans) {
    double width() {
      return right - left;
    }
  }

  /** Returns where a time is. */
  double x(long time) {
    return left + width * time / micros;
  }

  /** Returns the boxes of a row. */
  List<Box> boxes(List<Span> spans) {
    List<Box> boxes = new ArrayList<>();
    Box crowd = null;
    for (Span span : spans) {
      Box box = new Box(x(span.from()), x(span.to()), span, 1);
      if (box.width() >= WIDE) {
        if (crowd != null) {
          boxes.add(crowd);
        }
        crowd = null;
        boxes.add(box);
      } else if (crowd == null) {
        crowd = box;
      } else if (box.left() - crowd.left() < WIDE) {
        Span shown = weight(span) > weight(crowd.span()) ? span : crowd.span();
        crowd = new Box(crowd.left(), box.right(), shown, crowd.spans() + 1);
      } else {
        boxes.add(crowd);
        crowd = box;
      }
    }
    if (crowd != null) {
      boxes.add(crowd);
    }
    return apart(boxes);
  }

  /**
   * Widens those that are too narrow, at the cost of what follows; at the end, of what precedes.
   */
  private List<Box> apart(List<Box> boxes) {
    List<Box> apart = new ArrayList<>(boxes.size());
    double end = left;
    for (Box box : boxes) {
      double from = Math.max(box.left(), end);
      end = Math.max(box.right(), from + LEAST);
      apart.add(new Box(from, end, box.span(), box.spans()));
    }
    double begin = left + width;
    for (int i = apart.size() - 1; i >= 0 && apart.get(i).right() > begin; i--) {
      Box box = apart.get(i);
      double from = Math.min(box.left(), begin - LEAST);
      apart.set(i, new Box(from, begin, box.span(), box.spans()));
      begin = from;
    }
    return apart;
  }

  /** What people look for comes first. */
  private static int weight(Span span) {
    return switch (span.state()) {
      case SUSPENDED -> 0;
      case CLOSED -> 1;
      case OPEN, TASK -> 2;
      case DRAINING -> 3;
      case PREPARING -> 4;
      case CONNECTING -> 5;
      case WAITING -> 6;
      case FAILED -> 7;
    };
  }

  /** Returns the times of some marks on the axis, at round numbers and no closer than this. */
  List<Long> ticks(double apart) {
    long least = Math.max(1, (long) (micros * apart / width));
    long step = roundAbove(least);
    List<Long> ticks = new ArrayList<>();
    for (long time = 0; time <= micros; time += step) {
      ticks.add(time);
    }
    return ticks;
  }

  private static final long[] MINUTES_AND_HOURS = {
    60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 604_800
  };

  private static long roundAbove(long micros) {
    for (long power = 1; power <= 10_000_000; power *= 10) {
      for (long factor : new long[] {1, 2, 5}) {
        if (power * factor >= micros && power * factor <= 20_000_000) {
          return power * factor;
        }
      }
    }
    for (long seconds : MINUTES_AND_HOURS) {
      if (seconds * 1_000_000 >= micros) {
        return seconds * 1_000_000;
      }
    }
    long week = 604_800L * 1_000_000;
    return (micros + week - 1) / week * week;
  }
}
