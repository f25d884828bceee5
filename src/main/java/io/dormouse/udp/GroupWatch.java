package io.dormouse.udp;

import io.dormouse.connection.CloseReason;
import io.dormouse.engine.Generation;
import io.dormouse.loop.Loop;
import io.dormouse.network.DatagramTransport;
import io.dormouse.network.LocalInterface;
import io.dormouse.udp.Resolved.Join;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins an open socket's groups on network interfaces that come up later, as Wi-Fi does some
 * seconds after the app has come to the front. Java announces no such thing, so this looks from
 * time to time: soon at first, since that is when interfaces come up, and then each minute. Only
 * connections with groups pay for it, and only while they are open. Loop only.
 */
final class GroupWatch {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private static final long FIRST_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(1);

  private record Place(InetAddress group, String networkInterface) {}

  private final Generation generation;
  private final Resolver resolver;
  private final DatagramTransport socket;
  private final Consumer<CloseReason> end;

  /** Where each group has been joined, or refused, with the index of the interface of then. */
  private final Map<Place, Integer> places = new HashMap<>();

  private long delayNanos = FIRST_NANOS;
  private Loop.@Nullable Timer timer;

  /**
   * Creates one that looks later.
   *
   * @param joins what has been joined already
   * @param end ends the generation
   */
  GroupWatch(
      Generation generation,
      Resolver resolver,
      DatagramTransport socket,
      List<Join> joins,
      Consumer<CloseReason> end) {
    this.generation = generation;
    this.resolver = resolver;
    this.socket = socket;
    this.end = end;
    for (Join join : joins) {
      for (LocalInterface each : join.interfaces()) {
        places.put(new Place(join.group(), each.name()), each.index());
      }
    }
    lookLater();
  }

  private void lookLater() {
    timer = generation.loop().schedule(delayNanos, this::look);
    delayNanos = Math.min(LONGEST_NANOS, 2 * delayNanos);
  }

  private void look() {
    timer = null;
    generation.lookUp(GroupWatch.class, resolver::joins, this::joinNew, this::nothingFound);
  }

  private void nothingFound(Exception e) {
    log.debug("{}: no interface for its groups now", generation.connectionName(), e);
    lookLater();
  }

  private void joinNew(List<Join> joins) {
    if (!socket.isOpen()) {
      return;
    }
    for (Join join : joins) {
      for (LocalInterface each : join.interfaces()) {
        Integer before = places.put(new Place(join.group(), each.name()), each.index());
        if (before == null) {
          boolean joined = UdpSocket.join(socket, join.group(), each);
          log.debug(
              "{}: {} has come up and {} {}",
              generation.connectionName(),
              each.name(),
              joined ? "joins" : "does not take",
              join.group().getHostAddress());
        } else if (before != each.index()) {
          // Java takes it for the one that is joined already, so only a new socket helps.
          end.accept(
              CloseReason.of(
                  CloseReason.Kind.NETWORK_LOST,
                  "the network interface " + each.name() + " was replaced"));
          return;
        }
      }
    }
    lookLater();
  }

  /** Looks no more. */
  void stop() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }
}
