package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
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

  private boolean granting;

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
  }

  /** Returns true if the link has a permit now; otherwise it gets {@link Event#PERMIT} later. */
  boolean acquire(Link link) {
    if (waiting.isEmpty() && holders.size() < permits && mayBegin.test(link)) {
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

  private Link removeFirst() {
    Link first = waiting.firstEntry().getValue().iterator().next();
    removeWaiting(first);
    return first;
  }

  /**
   * In a task of its own: a link that gets a permit may fail at once and so call {@link #release},
   * which for a long queue of such links would be a deep recursion.
   */
  private void grantSoon() {
    if (waiting.isEmpty()) {
      cancelTimer();
    } else if (!granting) {
      granting = true;
      loop.execute(this::grant);
    }
  }

  private void grant() {
    granting = false;
    long now = loop.nanoTime();
    takeBackOldPermits(now);
    Queue<Link> granted = new ConcurrentLinkedQueue<>();
    while (!waiting.isEmpty() && holders.size() < permits) {
      Link next = removeFirst();
      holders.put(next, now);
      granted.add(next);
    }
    cancelTimer();
    if (!waiting.isEmpty()) {
      long oldest = holders.values().iterator().next();
      timer = loop.schedule(oldest + holdNanos - now, this::grant);
    }
    for (Link link : granted) {
      if (mayBegin.test(link)) {
        link.on(Event.PERMIT);
      } else {
        // The loop is about to hear why, and wakes it again if that is over already.
        link.on(new Event.Sleep(CloseReason.of(CloseReason.Kind.SUSPENDED), now));
      }
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
