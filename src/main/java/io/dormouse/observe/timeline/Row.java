package io.dormouse.observe.timeline;

import java.util.ArrayList;
import java.util.List;

/**
 * One row of a timeline: a connection, or tasks of one name, one after the other.
 *
 * @param name as the app has given it, shortened
 * @param kind what it is: a connection's kind, or {@link #TASK}
 * @param spans in order, none over another
 */
record Row(String name, String kind, List<Span> spans) {
  static final String TASK = "TASK";

  Row {
    name = Escaped.visible(name);
    spans = List.copyOf(spans);
  }

  boolean isTask() {
    return kind.equals(TASK);
  }

  /** Returns whether another one is of the same name, and begins when this one is over. */
  boolean isFollowedBy(Row other) {
    if (!name.equals(other.name) || spans.isEmpty() || other.spans.isEmpty()) {
      return false;
    }
    Span last = spans.get(spans.size() - 1);
    return !last.goesOn() && last.to() <= other.spans.get(0).from();
  }

  /** Returns this one with the spans of another one behind its own. */
  Row with(Row other) {
    List<Span> both = new ArrayList<>(spans);
    both.addAll(other.spans);
    return new Row(name, kind, both);
  }
}
