package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many connections connect at once: each attempt needs a permit. Those that wait for one
 * get it by priority, and then in the order they came, which on a resume is that of their
 * registration. Loop only.
 *
 * <p>An attempt gives its permit back when it is over, and after a while also if it is not: the
 * limit is there to spread a burst, and a few dead peers must not hold up the living.
 */
final class ConnectLimiter {
  private final Loop loop;
  private final int permits;
  private final long holdNanos;
  private final Predicate<Link> mayBegin;

  /** Who holds a permit, and since when; the first has held it the longest. */
  private final Map<Link, Long> holders = new LinkedHashMap<>();

  /** By priority, the highest first; no set is empty. */
  private final TreeMap<Integer, Set<Link>> waiting = new TreeMap<>((a, b) -> b.compareTo(a));

  /** When the oldest permit is taken back; only while somebody waits. */
  private Loop.@Nullable Timer timer;

  /** In a task of its own: a link that gets a permit may fail at once, and calls us again. */
  private final Loop.Signal granting;

  /**
   * Creates a limiter whose permits are all free.
   *
   * @param holdNanos how long one attempt holds a permit at most
   * @param mayBegin is asked before each attempt: the app may have left the front meanwhile, and
   *     the loop be about to hear of it
   */
  ConnectLimiter(Loop loop, int permits, long holdNanos, Predicate<Link> mayBegin) {
    this.loop = loop;
    this.permits = permits;
    this.holdNanos = holdNanos;
    this.mayBegin = mayBegin;
    this.granting = loop.signal(this::grant);
  }

  /** Returns true if the link has a permit now; otherwise it gets {@link Event#PERMIT} later. */
  boolean acquire(Link link) {
    if (holders.containsKey(link)) { // it has one, and there was no memory to go on with it
      return true;
    } else if (waiting.isEmpty() && holders.size() < permits && mayBegin.test(link)) {
      holders.put(link, loop.nanoTime());
      return true;
    }
    waiting.computeIfAbsent(link.priority(), any -> new LinkedHashSet<>()).add(link);
    grantSoon();
    return false;
  }

  /** The link does not connect any more, nor wants to. */
  void release(Link link) {
    removeWaiting(link);
    holders.remove(link);
    grantSoon();
  }

  private void removeWaiting(Link link) {
    Set<Link> ofItsPriority = waiting.get(link.priority());
    if (ofItsPriority != null && ofItsPriority.remove(link) && ofItsPriority.isEmpty()) {
      waiting.remove(link.priority());
    }
  }

  private Link first() {
    return waiting.firstEntry().getValue().iterator().next();
  }

  private void grantSoon() {
    if (waiting.isEmpty()) {
      cancelTimer();
    } else {
      granting.raise();
    }
  }

  private void grant() {
    long now = loop.nanoTime();
    takeBackOldPermits(now);
    for (int i = 0; i < permits && !waiting.isEmpty() && holders.size() < permits; i++) {
      Link next = first();
      holders.put(next, now);
      removeWaiting(next);
      if (mayBegin.test(next)) {
        next.onSurely(Event.PERMIT);
      } else {
        // The loop is about to hear why, and wakes it again if that is over already.
        next.on(new Event.Sleep(CloseReason.of(CloseReason.Kind.SUSPENDED), now));
      }
    }
    cancelTimer();
    if (!waiting.isEmpty() && !holders.isEmpty()) {
      long oldest = holders.values().iterator().next();
      timer = loop.schedule(oldest + holdNanos - now, granting::raise);
    }
  }

  private void takeBackOldPermits(long now) {
    Iterator<Long> since = holders.values().iterator();
    while (since.hasNext() && now - since.next() >= holdNanos) {
      since.remove();
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
