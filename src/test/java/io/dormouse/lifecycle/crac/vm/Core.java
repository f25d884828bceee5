package io.dormouse.lifecycle.crac.vm;

import io.dormouse.support.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Goes through a checkpoint and the restore after it as a JVM with CRaC does: the hooks in reverse
 * order of registration; then, if none threw, every socket of the process is a reason to refuse;
 * then the other hooks, in any case.
 */
public final class Core {
  private static final List<Resource> RESOURCES = new CopyOnWriteArrayList<>();
  private static final Context<Resource> GLOBAL = new Global();
  private static final String LISTENING = "0A"; // the kernel's number of that state

  /** The sockets of others, which were there before: the test runner's, say. */
  private static final Set<String> NOT_OURS = new TreeSet<>();

  private Core() {}

  private static final class Global extends Context<Resource> {
    @Override
    public void register(Resource resource) {
      RESOURCES.add(resource);
    }

    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {}

    @Override
    public void afterRestore(Context<? extends Resource> context) {}
  }

  public static Context<Resource> getGlobalContext() {
    return GLOBAL;
  }

  /** Forgets all resources, and minds only sockets that are opened from now on. */
  public static void begin() {
    RESOURCES.clear();
    NOT_OURS.clear();
    ignoreWhatIsOpen();
  }

  /** Does not mind the sockets that are open now, such as a server's for datagrams. */
  public static void ignoreWhatIsOpen() {
    NOT_OURS.addAll(sockets());
  }

  public static void checkpointRestore() throws CheckpointException, RestoreException {
    CheckpointException refused = new CheckpointException();
    List<Resource> reverse = new ArrayList<>(RESOURCES);
    Collections.reverse(reverse);
    for (Resource resource : reverse) {
      try {
        resource.beforeCheckpoint(GLOBAL);
      } catch (Exception e) {
        refused.addSuppressed(e);
      }
    }
    for (String socket : openSockets()) {
      if (isInNoTable(socket)) {
        Await.until("a server closes what was reset", () -> !openSockets().contains(socket));
        continue;
      }
      refused.addSuppressed(new IllegalStateException("CheckpointOpenSocketException: " + socket));
    }
    RestoreException failed = new RestoreException();
    for (Resource resource : RESOURCES) {
      try {
        resource.afterRestore(GLOBAL);
      } catch (Exception e) {
        failed.addSuppressed(e);
      }
    }
    if (refused.getSuppressed().length > 0) {
      throw refused;
    }
    if (failed.getSuppressed().length > 0) {
      throw failed;
    }
  }

  /** Returns the sockets that were opened since the test began. */
  public static Set<String> openSockets() {
    Set<String> open = sockets();
    open.removeAll(NOT_OURS);
    return open;
  }

  /**
   * Without selectors and pipes, which such a JVM closes and opens again itself, and without those
   * of servers, which a test would have in another process if that were as quick.
   */
  private static Set<String> sockets() {
    try {
      Set<String> servers = servers(); // first: one of them may be closed in between
      Set<String> found = descriptors();
      found.removeAll(servers);
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> descriptors() throws IOException {
    Set<String> found = new TreeSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:")) {
            found.add(target);
          }
        } catch (NoSuchFileException e) {
          // Closed since the folder was listed.
        }
      }
    }
    return found;
  }

  /**
   * Returns the TCP sockets that listen, and those that were accepted there; and the JDK's own, a
   * half of a pair of Unix sockets which takes the place of a descriptor that is being closed.
   */
  private static Set<String> servers() throws IOException {
    List<String[]> rows = new ArrayList<>(rows("tcp"));
    rows.addAll(rows("tcp6"));
    Set<String> ports = new TreeSet<>();
    rows.stream().filter(row -> row[3].equals(LISTENING)).forEach(row -> ports.add(port(row)));
    Set<String> found = new TreeSet<>();
    rows.stream()
        .filter(row -> ports.contains(port(row)))
        .forEach(row -> found.add(socket(row[9])));
    rows("unix").forEach(row -> found.add(socket(row[6])));
    return found;
  }

  /**
   * Returns whether the kernel has it in no table: it is connected to nothing any more, as an
   * accepted one that its peer has reset, and its server will close it.
   */
  private static boolean isInNoTable(String socket) {
    try {
      List<String[]> rows = new ArrayList<>();
      for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
        rows.addAll(rows(table));
      }
      return rows.stream().noneMatch(row -> socket(row[9]).equals(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String[]> rows(String table) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/net", table)).stream()
        .map(line -> line.trim().split("\\s+", -1))
        .toList();
  }

  private static String socket(String inode) {
    return "socket:[" + inode + "]";
  }

  /** The local one. */
  private static String port(String[] row) {
    return row[1].substring(row[1].lastIndexOf(':') + 1);
  }
}
