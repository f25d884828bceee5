package io.dormouse.demo;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * What the user asked for.
 *
 * @param targets the user's own endpoints; the demo brings servers for the services that are not
 *     there
 * @param help whether only the usage is wanted
 */
record Arguments(Map<Service, Target> targets, boolean help) {
  static final String USAGE =
      "usage: mvn -q -Ddemo test-compile exec:java"
          + " [-Dexec.args=\"[--http URL] [--tcp HOST:PORT] [--udp HOST:PORT] [--ws ws://URL]"
          + " [--tcp tls://HOST:PORT] [--ws wss://URL]\"]";

  private static final Map<String, Service> FLAGS =
      Map.of(
          "--http", Service.API,
          "--tcp", Service.TELEMETRY,
          "--udp", Service.DISCOVERY,
          "--ws", Service.CHAT);

  /** With an address that says so. */
  private static final Map<String, Service> SECURE =
      Map.of(
          "--tcp", Service.SECURE_TCP,
          "--ws", Service.SECURE_WS);

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException if it is wrong; the message says what about it
   */
  static Arguments parse(String... args) {
    Map<Service, Target> targets = new EnumMap<>(Service.class);
    boolean help = false;
    Iterator<String> rest = List.of(args).iterator();
    while (rest.hasNext()) {
      String flag = rest.next();
      if (flag.equals("--help") || flag.equals("-h")) {
        help = true;
      } else {
        Target target = target(flag, rest);
        if (targets.put(target.service(), target) != null) {
          throw new IllegalArgumentException(flag + " is there twice");
        }
      }
    }
    return new Arguments(Collections.unmodifiableMap(targets), help);
  }

  private static Target target(String flag, Iterator<String> rest) {
    if (!FLAGS.containsKey(flag)) {
      throw new IllegalArgumentException("unknown argument " + flag);
    }
    if (!rest.hasNext()) {
      throw new IllegalArgumentException(flag + " lacks its value");
    }
    String address = rest.next();
    boolean secure = SECURE.containsKey(flag) && Target.isSecure(address);
    try {
      return Target.parse((secure ? SECURE : FLAGS).get(flag), address);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(flag + " takes " + e.getMessage(), e);
    }
  }
}
