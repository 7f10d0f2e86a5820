-- The triggers of finance programs. They come after the rows that the extension brings: they let nobody mark a program as built
-- in.

CREATE OR REPLACE TRIGGER protect_published_program BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_program();
CREATE OR REPLACE TRIGGER carry_program_parts AFTER UPDATE OR DELETE ON tradeup.program
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.carry_program_parts();
CREATE OR REPLACE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_profile
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_parts();
CREATE OR REPLACE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_term
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_parts();
CREATE OR REPLACE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_tier
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_parts();
CREATE OR REPLACE TRIGGER protect_published_parts BEFORE INSERT OR UPDATE OR DELETE ON tradeup.program_region
    FOR EACH ROW EXECUTE FUNCTION tradeup_internal.protect_published_parts();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_profile
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_term
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_tier
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON tradeup.program_region
    FOR EACH STATEMENT EXECUTE FUNCTION tradeup_internal.refuse_truncate();
