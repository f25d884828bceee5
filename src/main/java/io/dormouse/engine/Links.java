package io.dormouse.engine;

import io.dormouse.connection.ConnectionState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The links that an engine drives. Loop only. */
final class Links {
  private static final Comparator<Link> BY_PRIORITY =
      (a, b) -> Integer.compare(b.priority(), a.priority());

  private static final Comparator<Link> BY_REGISTRATION =
      (a, b) -> Long.compare(a.order(), b.order());

  private final SortedSet<Link> links = new TreeSet<>(BY_REGISTRATION);

  /** Closed for good, but their wires say that they still hold sockets. */
  private final List<Link> notLetGo = new ArrayList<>();

  void add(Link link) {
    links.add(link);
  }

  /** The link is closed for good. */
  void remove(Link link) {
    links.remove(link);
    notLetGo.removeIf(other -> other.openSockets() == 0);
    if (link.openSockets() > 0) {
      notLetGo.add(link);
    }
  }

  boolean isEmpty() {
    return links.isEmpty();
  }

  /** Returns the links in order of registration. */
  Collection<Link> all() {
    return Collections.unmodifiableCollection(links);
  }

  /** Returns the links by priority, and in order of registration within one. */
  List<Link> byPriority() {
    List<Link> sorted = new ArrayList<>(links);
    sorted.sort(BY_PRIORITY);
    return sorted;
  }

  boolean anyDraining() {
    for (Link link : links) {
      if (link.linkState().state() == ConnectionState.DRAINING) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether what an ended generation still holds is being closed. */
  boolean anyReleasing() {
    return allThereEverWere().stream().anyMatch(Link::isReleasing);
  }

  /** Returns those with sockets, except those that may have some, as "name (STATE)". */
  List<String> withSockets(Predicate<Link> mayHaveSome) {
    List<String> found = new ArrayList<>();
    for (Link link : allThereEverWere()) {
      if (link.openSockets() > 0 && !mayHaveSome.test(link)) {
        found.add(link.name() + " (" + link.linkState().state() + ")");
      }
    }
    return found;
  }

  /** Returns how many sockets there are, without those that may be there. */
  int countSockets(Predicate<Link> mayHaveSome) {
    int sockets = 0;
    for (Link link : allThereEverWere()) {
      if (!mayHaveSome.test(link)) {
        sockets += link.openSockets();
      }
    }
    return sockets;
  }

  private List<Link> allThereEverWere() {
    List<Link> all = new ArrayList<>(links);
    all.addAll(notLetGo);
    return all;
  }
}
