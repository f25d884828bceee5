package io.dormouse.example.dns;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A message of DNS (RFC 1035, section 4) or of multicast DNS (RFC 6762), as far as it is needed
 * here: one question, and the answers.
 *
 * @param id of the query that this is, or answers
 * @param isResponse whether it answers
 * @param code 0 if all is well, 3 if there is no such name
 * @param question what is asked; empty in announcements of multicast DNS
 * @param answers in the server's order
 */
record DnsMessage(
    int id, boolean isResponse, int code, List<Question> question, List<Answer> answers) {
  static final int A = 1;
  static final int PTR = 12;

  private static final int IN = 1;
  private static final int TOP_BIT = 0x8000;
  private static final int MOST_LABELS = 128;

  /**
   * What is asked.
   *
   * @param name in lower case, without a dot at its end
   */
  record Question(String name, int type) {}

  /**
   * A record.
   *
   * @param name in lower case, without a dot at its end
   * @param seconds how long it holds; 0 says that it holds no longer
   * @param address of an {@link #A} record
   * @param target of a {@link #PTR} record
   */
  record Answer(String name, int type, long seconds, byte[] address, String target) {}

  /**
   * Makes a query for the internet class.
   *
   * @param unicast whether multicast DNS is asked to answer this socket alone (RFC 6762, 5.4)
   */
  static ByteBuffer query(int id, Question question, boolean unicast) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int recursionDesired = 0x0100;
    putShorts(out, id, recursionDesired, 1, 0, 0, 0);
    putName(out, question.name());
    putShorts(out, question.type(), unicast ? IN | TOP_BIT : IN);
    return ByteBuffer.wrap(out.toByteArray());
  }

  static void putShorts(ByteArrayOutputStream out, int... values) {
    for (int value : values) {
      out.write(value >> 8);
      out.write(value);
    }
  }

  static void putName(ByteArrayOutputStream out, String name) {
    for (String label : name.split("\\.")) {
      byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
      out.write(bytes.length);
      out.writeBytes(bytes);
    }
    out.write(0);
  }

  /** Reads a message; empty if it is none, since anybody may send anything. */
  static Optional<DnsMessage> parse(ByteBuffer data) {
    try {
      ByteBuffer in = data.slice();
      int id = readShort(in);
      int flags = readShort(in);
      int questions = readShort(in);
      int answers = readShort(in);
      in.position(12);
      List<Question> question = new ArrayList<>();
      for (int i = 0; i < questions; i++) {
        question.add(new Question(readName(in), readShort(in)));
        readShort(in); // the class
      }
      List<Answer> found = new ArrayList<>();
      for (int i = 0; i < answers; i++) {
        found.add(readAnswer(in));
      }
      return Optional.of(new DnsMessage(id, (flags & TOP_BIT) != 0, flags & 0xf, question, found));
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      return Optional.empty(); // it ends too early, or leads astray
    }
  }

  private static Answer readAnswer(ByteBuffer in) {
    String name = readName(in);
    int type = readShort(in);
    readShort(in); // the class
    long seconds = in.getInt() & 0xffff_ffffL;
    int end = in.position() + 2 + (in.getShort(in.position()) & 0xffff);
    readShort(in);
    byte[] address = new byte[type == A ? 4 : 0];
    in.get(address);
    String target = type == PTR ? readName(in) : "";
    in.position(end);
    return new Answer(name, type, seconds, address, target);
  }

  private static int readShort(ByteBuffer in) {
    return in.getShort() & 0xffff;
  }

  /** A name may end with a pointer to where its rest stands (RFC 1035, section 4.1.4). */
  private static String readName(ByteBuffer in) {
    List<String> labels = new ArrayList<>();
    ByteBuffer at = in;
    for (int i = 0; i < MOST_LABELS; i++) { // pointers may lead in a circle
      int length = at.get() & 0xff;
      if (length == 0) {
        return String.join(".", labels).toLowerCase(Locale.ROOT);
      } else if (length >= 0xc0) {
        int offset = (length & 0x3f) << 8 | at.get() & 0xff;
        at = in.duplicate().position(offset);
      } else {
        byte[] label = new byte[length];
        at.get(label);
        labels.add(new String(label, StandardCharsets.UTF_8));
      }
    }
    throw new IllegalArgumentException("a name without end");
  }
}
