package io.dormouse.websocket;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The offer of permessage-deflate in a handshake, and what the server's answer to it means (RFC
 * 7692, section 7.1).
 *
 * <p>The offer says {@code client_max_window_bits}: any window can be kept to ({@link Deflation}),
 * and some servers compress only for clients that offer it.
 */
final class DeflateOffer {
  private static final String NAME = "permessage-deflate";
  private static final String SERVER_NO_TAKEOVER = "server_no_context_takeover";
  private static final String CLIENT_NO_TAKEOVER = "client_no_context_takeover";
  private static final String SERVER_WINDOW = "server_max_window_bits";
  private static final String CLIENT_WINDOW = "client_max_window_bits";

  static final int LARGEST_WINDOW = 15;

  private static final String ANSWER = "the server's answer to permessage-deflate ";

  private final Compression wanted;

  DeflateOffer(Compression wanted) {
    this.wanted = wanted;
  }

  /**
   * What both sides keep to.
   *
   * @param serverTakeover whether the server's messages may refer to earlier ones
   * @param clientTakeover whether ours may
   * @param clientWindowBits how far back ours may refer: 2^bits bytes
   */
  record Agreement(boolean serverTakeover, boolean clientTakeover, int clientWindowBits) {}

  /** Returns the value of the header {@code Sec-WebSocket-Extensions}. */
  String header() {
    StringBuilder offer = new StringBuilder(NAME);
    if (!wanted.serverTakeover()) {
      offer.append("; ").append(SERVER_NO_TAKEOVER);
    }
    if (!wanted.clientTakeover()) {
      offer.append("; ").append(CLIENT_NO_TAKEOVER);
    }
    if (wanted.serverWindowBits() < LARGEST_WINDOW) {
      offer.append("; ").append(SERVER_WINDOW).append('=').append(wanted.serverWindowBits());
    }
    return offer.append("; ").append(CLIENT_WINDOW).toString();
  }

  /**
   * Reads the server's answer.
   *
   * @param extensions all values of the header as one list
   * @return empty if the server has declined
   * @throws IllegalArgumentException if the connection must fail; the message is a sentence that
   *     says why, and quotes nothing of the answer
   */
  Optional<Agreement> agreed(String extensions) {
    Optional<Agreement> agreement = Optional.empty();
    for (List<String> extension : parse(extensions)) {
      check(
          extension.get(0).equals(NAME),
          "the server chose a subprotocol or an extension that was not offered");
      check(!agreement.isPresent(), "the server accepts permessage-deflate twice");
      agreement = Optional.of(agreement(parameters(extension)));
    }
    return agreement;
  }

  private static Map<String, String> parameters(List<String> extension) {
    Map<String, String> parameters = new HashMap<>();
    for (String parameter : extension.subList(1, extension.size())) {
      int equals = parameter.indexOf('=');
      String name = (equals < 0 ? parameter : parameter.substring(0, equals)).trim();
      String value = equals < 0 ? "" : parameter.substring(equals + 1).trim();
      check(equals < 0 || !value.isEmpty(), ANSWER + "has a parameter with an empty value");
      check(parameters.put(name, value) == null, ANSWER + "has a parameter twice");
    }
    return parameters;
  }

  private Agreement agreement(Map<String, String> answer) {
    boolean serverTakeover = !flag(answer, SERVER_NO_TAKEOVER);
    boolean clientTakeover = !flag(answer, CLIENT_NO_TAKEOVER);
    int serverWindow = window(answer, SERVER_WINDOW);
    int clientWindow = window(answer, CLIENT_WINDOW);
    check(answer.isEmpty(), ANSWER + "has a parameter that is unknown");
    check(
        wanted.serverTakeover() || !serverTakeover,
        ANSWER + "lacks " + SERVER_NO_TAKEOVER + ", which was asked for");
    check(
        serverWindow <= wanted.serverWindowBits(),
        ANSWER + "has a larger " + SERVER_WINDOW + " than was asked for, or none");
    return new Agreement(serverTakeover, clientTakeover && wanted.clientTakeover(), clientWindow);
  }

  private static boolean flag(Map<String, String> answer, String name) {
    String value = answer.remove(name);
    check(value == null || value.isEmpty(), ANSWER + "has a value for " + name);
    return value != null;
  }

  private static int window(Map<String, String> answer, String name) {
    String value = answer.remove(name);
    if (value == null) {
      return LARGEST_WINDOW;
    }
    // Section 7.1.2: a decimal integer without leading zeros.
    check(value.matches("[89]|1[0-5]"), ANSWER + "has a " + name + " that is not from 8 to 15");
    return Integer.parseInt(value);
  }

  /**
   * RFC 6455, section 9.1: extensions between commas, each a name and its parameters between
   * semicolons. A value may be quoted, and is a token all the same.
   */
  private static List<List<String>> parse(String header) {
    List<List<String>> extensions = new ArrayList<>();
    for (String element : header.split(",", -1)) {
      if (element.trim().isEmpty()) { // RFC 9110, section 5.6.1.2: to be ignored
        continue;
      }
      List<String> parts = new ArrayList<>();
      for (String part : element.split(";", -1)) {
        parts.add(unquoted(part.trim()));
      }
      extensions.add(parts);
    }
    return extensions;
  }

  private static String unquoted(String parameter) {
    int equals = parameter.indexOf('=');
    String value = parameter.substring(equals + 1).trim();
    boolean quoted =
        equals > 0 && value.length() > 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted
        ? parameter.substring(0, equals + 1) + value.substring(1, value.length() - 1)
        : parameter;
  }

  private static void check(boolean holds, String problem) {
    if (!holds) {
      throw new IllegalArgumentException(problem);
    }
  }
}
