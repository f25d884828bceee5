package io.dormouse.demo;

import io.dormouse.connection.ConnectionKind;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What the user asked for.
 *
 * @param targets the user's own endpoints; the demo brings servers for the kinds that are not there
 * @param help whether only the usage is wanted
 */
record Arguments(Map<ConnectionKind, Target> targets, boolean help) {
  static final String USAGE =
      "usage: mvn -q -Ddemo"
          + " [-Dexec.args=\"[--http URL] [--tcp HOST:PORT] [--udp HOST:PORT] [--ws URL]\"]";

  private static final Map<String, ConnectionKind> FLAGS =
      Map.of(
          "--http", ConnectionKind.HTTP,
          "--tcp", ConnectionKind.TCP,
          "--udp", ConnectionKind.UDP,
          "--ws", ConnectionKind.WEBSOCKET);

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException if it is wrong; the message says what about it
   */
  static Arguments parse(String... args) {
    Map<ConnectionKind, Target> targets = new EnumMap<>(ConnectionKind.class);
    boolean help = false;
    Iterator<String> rest = List.of(args).iterator();
    while (rest.hasNext()) {
      String flag = rest.next();
      if (flag.equals("--help") || flag.equals("-h")) {
        help = true;
      } else {
        Target target = target(flag, rest);
        if (targets.put(target.kind(), target) != null) {
          throw new IllegalArgumentException(flag + " is there twice");
        }
      }
    }
    return new Arguments(Collections.unmodifiableMap(targets), help);
  }

  private static Target target(String flag, Iterator<String> rest) {
    ConnectionKind kind = FLAGS.get(flag);
    if (kind == null) {
      throw new IllegalArgumentException("unknown argument " + flag);
    }
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(flag + " lacks its value");
    }
    try {
      return Target.parse(kind, rest.next());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(flag + " takes " + e.getMessage(), e);
    }
  }
}
