package io.dormouse.network;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * SOCKS version 5 (RFC 1928), without authentication or with a user and a password (RFC 1929).
 * Names are sent as they are, so that the proxy looks them up.
 */
final class Socks5 implements ProxyHandshake {
  private static final byte VERSION = 5;
  private static final byte NO_AUTHENTICATION = 0;
  private static final byte USER_AND_PASSWORD = 2;
  private static final byte NOTHING_ACCEPTABLE = (byte) 0xFF;
  private static final byte CONNECT = 1;
  private static final byte IPV4 = 1;
  private static final byte NAME = 3;
  private static final byte IPV6 = 4;
  private static final int LONGEST = 255; // of a name, a user and a password, in bytes

  /** What the proxy says next, and how many bytes that has. */
  private enum Stage {
    /** Which method it has chosen. */
    METHOD(2),
    /** Whether it accepts the user and the password. */
    ACCEPTED(2),
    /** Whether it has connected. */
    REPLY(2),
    /** In which form it gives the address that it has connected from. */
    FORM(2),
    /** How long that is, if it is a name. */
    LENGTH(1),
    /** That address and its port, which we have no use for. */
    ADDRESS(0),
    /** Nothing: the way is open. */
    OPEN(0);

    private final int bytes;

    Stage(int bytes) {
      this.bytes = bytes;
    }
  }

  private final ByteBuffer request;
  private final byte @Nullable [] user;
  private final byte @Nullable [] password;

  private Stage stage = Stage.METHOD;
  private ByteBuffer said = ByteBuffer.allocate(Stage.METHOD.bytes);

  Socks5(String host, int port, @Nullable Credentials credentials) throws ProxyException {
    request = request(host, port);
    user = credentials == null ? null : credentials.user();
    password = credentials == null ? null : credentials.password();
    if (user != null && password != null && (isTooLong(user) || isTooLong(password))) {
      throw ProxyException.unauthorized(
          "can't be told the user and the password, which must have from 1 to 255 bytes");
    }
  }

  private static boolean isTooLong(byte[] bytes) {
    return bytes.length < 1 || bytes.length > LONGEST;
  }

  private static ByteBuffer request(String host, int port) throws ProxyException {
    byte[] address;
    byte form;
    InetAddress four = Ipv4.parse(host).orElse(null);
    if (four != null) {
      form = IPV4;
      address = four.getAddress();
    } else if (host.indexOf(':') >= 0) {
      form = IPV6;
      address = six(HttpConnect.withoutZone(host));
    } else {
      form = NAME;
      address = HttpConnect.ascii(host).getBytes(StandardCharsets.US_ASCII);
      if (isTooLong(address)) {
        throw ProxyException.failed("can't be asked for a host of more than 255 characters");
      }
    }
    ByteBuffer request = ByteBuffer.allocate(4 + 1 + address.length + 2);
    request.put(VERSION).put(CONNECT).put((byte) 0).put(form);
    if (form == NAME) {
      request.put((byte) address.length);
    }
    request.put(address).putShort((short) port);
    ((Buffer) request).flip(); // as a Buffer: Android 8 has no ByteBuffer.flip()
    return request;
  }

  private static byte[] six(String host) throws ProxyException {
    try {
      return InetAddress.getByName(host).getAddress(); // what has colons is not looked up
    } catch (UnknownHostException e) {
      throw ProxyException.failed("can't be asked for a host that is no address");
    }
  }

  @Override
  public ByteBuffer begin() {
    return user == null
        ? ByteBuffer.wrap(new byte[] {VERSION, 1, NO_AUTHENTICATION})
        : ByteBuffer.wrap(new byte[] {VERSION, 2, NO_AUTHENTICATION, USER_AND_PASSWORD});
  }

  @Override
  public int wanted() {
    return said.remaining();
  }

  @Override
  public ByteBuffer take(ByteBuffer bytes) throws ProxyException {
    said.put(bytes);
    if (said.hasRemaining()) {
      return SILENCE;
    }
    ((Buffer) said).flip();
    return switch (stage) {
      case METHOD -> methodChosen(said.get(), said.get());
      case ACCEPTED -> accepted(said.get(1));
      case REPLY -> replied(said.get(), said.get());
      case FORM -> formTold(said.get(1));
      case LENGTH -> next(Stage.ADDRESS, (said.get() & 0xFF) + 2);
      case ADDRESS, OPEN -> next(Stage.OPEN, 0);
    };
  }

  private ByteBuffer next(Stage following) {
    return next(following, following.bytes);
  }

  private ByteBuffer next(Stage following, int bytes) {
    stage = following;
    said = ByteBuffer.allocate(bytes);
    return SILENCE;
  }

  private static void checkVersion(byte version) throws ProxyException {
    if (version != VERSION) {
      throw ProxyException.failed("does not speak SOCKS version 5");
    }
  }

  private ByteBuffer methodChosen(byte version, byte method) throws ProxyException {
    checkVersion(version);
    if (method == NO_AUTHENTICATION) {
      ByteBuffer unused = next(Stage.REPLY);
      return request;
    } else if (method == USER_AND_PASSWORD && user != null && password != null) {
      ByteBuffer unused = next(Stage.ACCEPTED);
      ByteBuffer who = ByteBuffer.allocate(3 + user.length + password.length);
      who.put((byte) 1).put((byte) user.length).put(user);
      who.put((byte) password.length).put(password);
      ((Buffer) who).flip();
      return who;
    } else if (method == NOTHING_ACCEPTABLE) {
      throw ProxyException.unauthorized(
          user == null
              ? "wants to know who asks, and there is no proxyAuthenticator that says so"
              : "wants an authentication other than by user and password");
    }
    throw ProxyException.failed("has chosen a method that it was not offered");
  }

  private ByteBuffer accepted(byte status) throws ProxyException {
    if (status != 0) {
      throw ProxyException.unauthorized("does not accept the user and the password");
    }
    ByteBuffer unused = next(Stage.REPLY);
    return request;
  }

  private ByteBuffer replied(byte version, byte reply) throws ProxyException {
    checkVersion(version);
    if (reply != 0) {
      throw ProxyException.failed(words(reply));
    }
    return next(Stage.FORM);
  }

  /** RFC 1928, section 6. */
  private static String words(byte reply) {
    return switch (reply) {
      case 1 -> "has failed";
      case 2 -> "does not allow this host";
      case 3 -> "can't reach the host's network";
      case 4 -> "can't reach the host";
      case 5 -> "was refused by the host";
      case 6 -> "can't reach the host, since it is too far away (TTL expired)";
      case 7 -> "does not connect to hosts";
      case 8 -> "does not know this form of address";
      default -> "has refused with number " + (reply & 0xFF);
    };
  }

  private ByteBuffer formTold(byte form) throws ProxyException {
    return switch (form) {
      case IPV4 -> next(Stage.ADDRESS, 4 + 2);
      case IPV6 -> next(Stage.ADDRESS, 16 + 2);
      case NAME -> next(Stage.LENGTH);
      default -> throw ProxyException.failed("has sent an address of no known form");
    };
  }

  /** Shows nothing of what is said, which may be a password. */
  @Override
  public String toString() {
    return "SOCKS5";
  }
}
