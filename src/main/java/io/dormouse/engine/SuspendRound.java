package io.dormouse.engine;

import io.dormouse.loop.Loop;
import io.dormouse.observe.SuspendReport;
import io.dormouse.observe.SuspendReport.Entry;
import io.dormouse.observe.SuspendReport.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One going to sleep of connections together, until the last of them holds no socket. Loop only.
 */
final class SuspendRound {
  private final long startNanos;
  private final Duration budget;
  private final Set<Link> leaving = new LinkedHashSet<>();
  private final List<Line> lines = new ArrayList<>(); // in the order they went
  private boolean verifying;

  /** While what is left is being closed, after the last connection has gone. */
  private Loop.@Nullable Timer timer;

  /** What became of the connection that was registered as number {@code order}. */
  private record Line(long order, Entry entry) {}

  SuspendRound(long startNanos, Duration budget) {
    this.startNanos = startNanos;
    this.budget = budget;
  }

  /**
   * When what is left is cut off: some time before the budget's end, since a busy machine lets
   * threads wait, cutting off takes its time too, and the promise is to have settled, and whoever
   * waits to have been told, within the budget.
   */
  long hardCloseNanos() {
    return startNanos + budget.toNanos() - budget.toNanos() / 10;
  }

  /** When it is over, whatever is still open. */
  long budgetEndNanos() {
    return startNanos + budget.toNanos();
  }

  void expect(Link link) {
    leaving.add(link);
  }

  boolean expects(Link link) {
    return leaving.contains(link);
  }

  void add(Link link, Outcome outcome, long nowNanos) {
    add(link, outcome, nowNanos, 0, 0, null);
  }

  void addKept(Link link, String task, long nowNanos) {
    add(link, Outcome.KEPT, nowNanos, 0, 0, task);
  }

  void addGone(Link link, Link.Drained drained, long nowNanos) {
    Outcome outcome = drained.cleanly() ? Outcome.CLOSED_CLEANLY : Outcome.ABORTED;
    add(link, outcome, nowNanos, drained.unsentMessages(), drained.unsentBytes(), null);
  }

  private void add(
      Link link, Outcome outcome, long now, int messages, long bytes, @Nullable String task) {
    leaving.remove(link);
    Duration took = Duration.ofNanos(Math.max(0, now - startNanos));
    lines.add(
        new Line(
            link.order(),
            new Reports.Suspended(
                link.name(), link.options().kind(), outcome, took, messages, bytes, task)));
  }

  /**
   * Returns true once, when the last connection has gone: it is time to look whether it is true.
   */
  boolean isReadyToVerify() {
    if (verifying || !leaving.isEmpty()) {
      return false;
    }
    verifying = true;
    return true;
  }

  /** Returns whether the last connection has gone. */
  boolean isVerifying() {
    return verifying;
  }

  /** Returns whether something ends it when the budget is over. */
  boolean hasTimer() {
    return timer != null;
  }

  /** This ends it when the budget is over. */
  void endedBy(Loop.Timer atBudgetEnd) {
    timer = atBudgetEnd;
  }

  SuspendReport report(int socketsLeft, long nowNanos) {
    if (timer != null) {
      timer.cancel();
    }
    Duration took = Duration.ofNanos(Math.max(0, nowNanos - startNanos));
    lines.sort((a, b) -> Long.compare(a.order(), b.order()));
    List<Entry> entries = new ArrayList<>(lines.size());
    lines.forEach(line -> entries.add(line.entry()));
    return new Reports.OfSuspend(took, took.compareTo(budget) <= 0, socketsLeft, entries);
  }
}
