package io.dormouse.engine;

import io.dormouse.observe.ResumeReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The resume that is under way, who waits for it, and the latest report. Loop only, except for what
 * is marked otherwise.
 */
final class Resumes {
  private final Reconciler reconciler;
  private final Links links;

  /**
   * What lived through the background may be dead. What says nothing for this long is not taken for
   * dead since then any more; a probe takes as long.
   */
  private static final long UNHEARD_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final List<CompletableFuture<ResumeReport>> waiters = new ArrayList<>();
  private @Nullable ResumeRound current;

  /** Those that were open when the app came back, and how many bytes they had received by then. */
  private final Map<Link, Long> livedThrough = new HashMap<>();

  private long backSinceNanos;

  private volatile ResumeReport latest = Reports.NO_RESUME;

  Resumes(Reconciler reconciler, Links links) {
    this.reconciler = reconciler;
    this.links = links;
  }

  /** Returns the report of the latest resume that is over. Any thread. */
  ResumeReport latest() {
    return latest;
  }

  /**
   * Wakes all that are wanted, and tells those that were wanted before that they still are. Who
   * waits for an earlier resume waits for this one.
   *
   * @param wasAway whether the app was in the background before
   */
  void begin(long startNanos, boolean wasAway) {
    ResumeRound round = new ResumeRound(startNanos);
    current = round;
    if (wasAway) {
      livedThrough.clear();
      backSinceNanos = startNanos;
    }
    List<Link> woken = new ArrayList<>();
    for (Link link : links.byPriority()) {
      if (reconciler.isWanted(link)) {
        woken.add(link);
        if (isStillOpen(link.linkState())) {
          round.addOpen(link, startNanos);
          if (wasAway) {
            livedThrough.put(link, link.counters().received());
          }
        } else {
          round.expect(link);
        }
      }
    }
    for (Link link : woken) {
      boolean wasWanted = link.linkState().target() == LinkState.Target.OPEN;
      link.on(Event.WAKE);
      if (wasWanted) {
        link.connection().lookAgain();
      }
      round.onState(link, link.linkState(), startNanos); // it may have taken no step at all
    }
    check();
  }

  private static boolean isStillOpen(LinkState linkState) {
    return linkState instanceof LinkState.Open || linkState instanceof LinkState.Flushing;
  }

  /**
   * Returns whether a connection was open when the app came back a moment ago, and its peer has not
   * been heard since.
   */
  boolean isUnheardSince(Link link, long nowNanos) {
    Long bytesThen = livedThrough.get(link);
    return bytesThen != null
        && bytesThen == link.counters().received()
        && nowNanos - backSinceNanos < UNHEARD_NANOS;
  }

  /** A connection is in a new state. */
  void onState(Link link, LinkState linkState) {
    if (!linkState.hasWire()) {
      livedThrough.remove(link);
    }
    if (current != null) {
      current.onState(link, linkState, reconciler.loop().nanoTime());
      check();
    }
  }

  /** What is not wanted any more does not come back; the rest is still waited for. */
  void callOff() {
    if (current == null) {
      return;
    }
    for (Link link : links.all()) {
      if (!reconciler.isWanted(link)) {
        current.onState(link, Machine.initial(), reconciler.loop().nanoTime());
      }
    }
    check();
  }

  /** Ends the resume that is under way if it is over, and tells who waits. */
  void check() {
    if (current == null || !current.isOver()) {
      return;
    }
    List<CompletableFuture<ResumeReport>> told = List.copyOf(waiters);
    latest = current.report(reconciler.loop().nanoTime());
    current = null; // after all that needs memory: else it is done again
    waiters.clear();
    reconciler.observers().onResumed(latest);
    told.forEach(waiter -> waiter.complete(latest));
  }

  /** Completes {@code waiter} when no first attempt is under way, which may be now. */
  void await(CompletableFuture<ResumeReport> waiter) {
    if (current == null) {
      waiter.complete(latest);
    } else {
      waiters.add(waiter);
    }
  }
}
