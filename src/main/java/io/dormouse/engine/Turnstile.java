package io.dormouse.engine;

import io.dormouse.loop.Loop;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many connections connect at once, by priority and then in order of registration. Loop
 * only.
 *
 * <p>A connection whose attempt takes long gives its place up after a while, though the attempt
 * goes on: the bound is there to spread a burst, and a few dead peers must not hold up the living.
 */
final class Turnstile {
  private static final Comparator<Link<?>> ORDER = Turnstile::compare;

  private final Loop loop;
  private final int places;
  private final long patienceNanos;

  /** Who is inside, and since when; the first has been there the longest. */
  private final Map<Link<?>, Long> inside = new LinkedHashMap<>();

  private final TreeSet<Link<?>> waiting = new TreeSet<>(ORDER);
  private Loop.@Nullable Timer patience;
  private boolean admitting;

  Turnstile(Loop loop, int places, long patienceNanos) {
    this.loop = loop;
    this.places = places;
    this.patienceNanos = patienceNanos;
  }

  private static int compare(Link<?> a, Link<?> b) {
    int byPriority = Integer.compare(b.priority(), a.priority());
    return byPriority != 0 ? byPriority : Long.compare(a.order(), b.order());
  }

  /** Returns true if the link may connect now; otherwise it gets {@link Event#TURN} later. */
  boolean enter(Link<?> link) {
    if (waiting.isEmpty() && inside.size() < places) {
      inside.put(link, loop.nanoTime());
      return true;
    }
    waiting.add(link);
    admitSoon();
    return false;
  }

  /** The link does not connect any more, nor wants to. */
  void leave(Link<?> link) {
    waiting.remove(link);
    inside.remove(link);
    admitSoon();
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
    releaseSlow();
    Queue<Link<?>> admitted = new ArrayDeque<>();
    while (!waiting.isEmpty() && inside.size() < places) {
      Link<?> next = waiting.first();
      waiting.remove(next);
      inside.put(next, loop.nanoTime());
      admitted.add(next);
    }
    cancelPatience();
    if (!waiting.isEmpty()) {
      long oldest = inside.values().iterator().next();
      patience = loop.schedule(oldest + patienceNanos - loop.nanoTime(), this::admit);
    }
    for (Link<?> link : admitted) {
      link.on(Event.TURN);
    }
  }

  private void releaseSlow() {
    long now = loop.nanoTime();
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
