package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.connection.ConnectionState;
import io.dormouse.observe.ResumeReport;
import io.dormouse.observe.ResumeReport.Entry;
import io.dormouse.observe.ResumeReport.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One coming back of connections together, until the first attempt of each is over. Loop only. */
final class ResumeRound {
  private final long startNanos;
  private final Set<Link> coming = new HashSet<>();
  private final List<Entry> entries = new ArrayList<>();

  ResumeRound(long startNanos) {
    this.startNanos = startNanos;
  }

  void expect(Link link) {
    coming.add(link);
  }

  void addOpen(Link link, long nowNanos) {
    add(link, Outcome.STAYED_OPEN, nowNanos, null);
  }

  /** Looks at where the link has come to: is its first attempt over? */
  void onState(Link link, LinkState linkState, long nowNanos) {
    if (!coming.contains(link)) {
      return;
    }
    if (linkState.state() == ConnectionState.OPEN) {
      add(link, Outcome.OPENED, nowNanos, null);
    } else if (linkState instanceof LinkState.Waiting waiting) {
      add(link, Outcome.FIRST_ATTEMPT_FAILED, nowNanos, waiting.why());
    } else if (linkState instanceof LinkState.Failed failed) {
      add(link, Outcome.FIRST_ATTEMPT_FAILED, nowNanos, failed.why());
    } else if (linkState.target() != LinkState.Target.OPEN) {
      add(link, Outcome.CALLED_OFF, nowNanos, null);
    }
  }

  private void add(Link link, Outcome outcome, long now, @Nullable CloseReason reason) {
    coming.remove(link);
    Duration took = Duration.ofNanos(Math.max(0, now - startNanos));
    entries.add(new Reports.Resumed(link.name(), link.options().kind(), outcome, took, reason));
  }

  boolean isOver() {
    return coming.isEmpty();
  }

  ResumeReport report(long nowNanos) {
    return new Reports.OfResume(Duration.ofNanos(Math.max(0, nowNanos - startNanos)), entries);
  }
}
