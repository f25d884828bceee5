package io.dormouse.engine;

import io.dormouse.connection.CloseReason;
import io.dormouse.loop.Loop;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many connections connect at once, by priority and then in the order they come, which on a
 * resume is that of their registration. Loop only.
 *
 * <p>A connection whose attempt takes long gives its place up after a while, though the attempt
 * goes on: the bound is there to spread a burst, and a few dead peers must not hold up the living.
 */
final class Turnstile {
  private final Loop loop;
  private final int places;
  private final long patienceNanos;
  private final Predicate<Link<?>> mayBegin;

  /** Who is inside, and since when; the first has been there the longest. */
  private final Map<Link<?>, Long> inside = new LinkedHashMap<>();

  /** By priority, the highest first; no set is empty. */
  private final TreeMap<Integer, Set<Link<?>>> waiting = new TreeMap<>((a, b) -> b.compareTo(a));

  private Loop.@Nullable Timer patience;
  private boolean admitting;

  /**
   * Creates one that is empty.
   *
   * @param mayBegin is asked before each attempt: the app may have left the front since it was let
   *     in, and the loop be about to hear of it
   */
  Turnstile(Loop loop, int places, long patienceNanos, Predicate<Link<?>> mayBegin) {
    this.mayBegin = mayBegin;
    this.loop = loop;
    this.places = places;
    this.patienceNanos = patienceNanos;
  }

  /** Returns true if the link may connect now; otherwise it gets {@link Event#TURN} later. */
  boolean enter(Link<?> link) {
    if (waiting.isEmpty() && inside.size() < places && mayBegin.test(link)) {
      inside.put(link, loop.nanoTime());
      return true;
    }
    waiting.computeIfAbsent(link.priority(), any -> new LinkedHashSet<>()).add(link);
    admitSoon();
    return false;
  }

  /** The link does not connect any more, nor wants to. */
  void leave(Link<?> link) {
    removeWaiting(link);
    inside.remove(link);
    admitSoon();
  }

  private void removeWaiting(Link<?> link) {
    Set<Link<?>> ofItsPriority = waiting.get(link.priority());
    if (ofItsPriority != null && ofItsPriority.remove(link) && ofItsPriority.isEmpty()) {
      waiting.remove(link.priority());
    }
  }

  private Link<?> removeFirst() {
    Link<?> first = waiting.firstEntry().getValue().iterator().next();
    removeWaiting(first);
    return first;
  }

  /**
   * In a task of its own: a link that is let in may fail at once and so call {@link #leave}, which
   * for a long queue of such links would be a deep recursion.
   */
  private void admitSoon() {
    if (waiting.isEmpty()) {
      cancelPatience();
    } else if (!admitting) {
      admitting = true;
      loop.execute(this::admit);
    }
  }

  private void admit() {
    admitting = false;
    long now = loop.nanoTime();
    releaseSlow(now);
    Queue<Link<?>> admitted = new ArrayDeque<>();
    while (!waiting.isEmpty() && inside.size() < places) {
      Link<?> next = removeFirst();
      inside.put(next, now);
      admitted.add(next);
    }
    cancelPatience();
    if (!waiting.isEmpty()) {
      long oldest = inside.values().iterator().next();
      patience = loop.schedule(oldest + patienceNanos - now, this::admit);
    }
    for (Link<?> link : admitted) {
      if (mayBegin.test(link)) {
        link.on(Event.TURN);
      } else { // what it is asleep for is on its way, and wakes it again if it is over already
        link.on(new Event.Sleep(CloseReason.of(CloseReason.Kind.SUSPENDED), now));
      }
    }
  }

  private void releaseSlow(long now) {
    Iterator<Long> since = inside.values().iterator();
    while (since.hasNext() && now - since.next() >= patienceNanos) {
      since.remove();
    }
  }

  private void cancelPatience() {
    if (patience != null) {
      patience.cancel();
      patience = null;
    }
  }
}
