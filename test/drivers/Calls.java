// Calls functions through JDBC, as test/drivers/run asks on standard input: a line for each call, of its SQL and its values.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Arrays;

class Calls {
    static String[] elements(String list) {
        String inner = list.substring(1, list.length() - 1).replace("\"", "");
        return inner.isEmpty() ? new String[0] : inner.split(",\\s*");
    }

    static Array array(Connection connection, String list) throws SQLException {
        String[] texts = elements(list);
        if (list.contains("\"")) {
            return connection.createArrayOf("text", texts);
        }
        if (list.contains(".")) {
            return connection.createArrayOf("float8", Arrays.stream(texts).map(Double::valueOf).toArray());
        }
        return connection.createArrayOf("int4", Arrays.stream(texts).map(Integer::valueOf).toArray());
    }

    static void set(Connection connection, PreparedStatement call, int place, String kind, String value) throws SQLException {
        switch (kind) {
            case "whole" -> call.setInt(place, Integer.parseInt(value));
            case "long" -> call.setLong(place, Long.parseLong(value));
            case "decimal" -> call.setBigDecimal(place, new BigDecimal(value));
            case "float" -> call.setDouble(place, Double.parseDouble(value));
            case "text", "json" -> call.setString(place, value);
            case "null" -> call.setObject(place, null);
            case "array" -> call.setArray(place, array(connection, value));
            case "date" -> call.setObject(place, LocalDate.parse(value));
            case "timestamp" -> call.setObject(place, LocalDate.parse(value).atStartOfDay());
            case "dates" -> call.setArray(place, connection.createArrayOf("date", elements(value)));
            case "timestamps" -> call.setArray(place, connection.createArrayOf("timestamp", elements(value)));
            case "boolean" -> call.setBoolean(place, Boolean.parseBoolean(value));
            case "interval" -> call.setObject(place, new org.postgresql.util.PGInterval(value));
            default -> throw new IllegalArgumentException(kind);
        }
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        try (Connection connection = DriverManager.getConnection(arguments[0])) {
            connection.setAutoCommit(false);
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] parts = line.split("\t", -1);
                String state = "";
                String message = "";
                try (PreparedStatement call = connection.prepareStatement(parts[1])) {
                    for (int i = 2; i < parts.length; i++) {
                        int colon = parts[i].indexOf(':');
                        set(connection, call, i - 1, parts[i].substring(0, colon), parts[i].substring(colon + 1));
                    }
                    call.execute();
                } catch (SQLException error) {
                    state = error.getSQLState();
                    message = error.getMessage();
                }
                connection.rollback();
                System.out.println(parts[0] + "\t" + state + "\t" + message.replaceAll("\\s+", " "));
            }
        }
    }
}
