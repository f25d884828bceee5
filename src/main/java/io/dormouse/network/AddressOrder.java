package io.dormouse.network;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * In which order the addresses of a host are tried (RFC 8305, section 4). Within a family it is the
 * resolver's, which sorts them as RFC 6724 says, as far as the platform does. The families take
 * turns, so that one that is broken costs one attempt and not all of them; IPv6 begins.
 */
final class AddressOrder {
  private AddressOrder() {}

  /**
   * Returns the addresses in that order, each of them once.
   *
   * @param worked the one that is tried first, if it is still among them; null for none
   * @param avoided the one that is tried last, in the same way
   */
  static List<InetAddress> of(
      Collection<InetAddress> addresses,
      @Nullable InetAddress worked,
      @Nullable InetAddress avoided) {
    Queue<InetAddress> sixes = new ArrayDeque<>();
    Queue<InetAddress> fours = new ArrayDeque<>();
    for (InetAddress address : new LinkedHashSet<>(addresses)) {
      Queue<InetAddress> family = isSix(address) ? sixes : fours;
      family.add(address);
    }
    boolean avoids = avoided != null && (sixes.remove(avoided) || fours.remove(avoided));
    List<InetAddress> ordered = new ArrayList<>(addresses.size());
    boolean six = true;
    if (worked != null && (sixes.remove(worked) || fours.remove(worked))) {
      ordered.add(worked);
      six = !isSix(worked);
    }
    while (!sixes.isEmpty() || !fours.isEmpty()) {
      InetAddress next = six ? sixes.poll() : fours.poll();
      if (next != null) {
        ordered.add(next);
      }
      six = !six;
    }
    if (avoids) {
      ordered.add(avoided);
    }
    return ordered;
  }

  static boolean isSix(InetAddress address) {
    return address instanceof Inet6Address;
  }
}
