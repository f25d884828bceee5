package io.dormouse.lifecycle.crac.vm;

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
      found.removeAll(servers());
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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
        .forEach(row -> found.add("socket:[" + row[9] + "]"));
    rows("unix").forEach(row -> found.add("socket:[" + row[6] + "]"));
    return found;
  }

  private static List<String[]> rows(String table) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/net", table)).stream()
        .map(line -> line.trim().split("\\s+", -1))
        .toList();
  }

  /** The local one. */
  private static String port(String[] row) {
    return row[1].substring(row[1].lastIndexOf(':') + 1);
  }
}
